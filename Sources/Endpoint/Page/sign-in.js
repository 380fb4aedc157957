function renderSignIn() {
    const wasHidden = byId("sign-in").hidden;
    byId("sign-in").hidden = !isSignedOut();
    byId("token-text").hidden = !state.token;
    if (!isSignedOut()) return;
    const isForbidden = state.refusal.kind === "forbidden";
    say("sign-in-text", isForbidden ? "This token does not allow reading." : state.token
        ? "This token is not known here."
        : "This server shows its figures only to holders of a token.");
    if (wasHidden) byId("token").focus();
}

function signIn(token) {
    state.token = token;
    if (token) sessionStorage.setItem("activityd.token", token);
    else sessionStorage.removeItem("activityd.token");
    answers.clear();
    state.alerts.clear();
    Object.assign(state, {view: null, profile: null, refusal: null});
    refresh();
    restartStream();
}
