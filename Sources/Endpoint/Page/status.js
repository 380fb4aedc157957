function status() {
    if (state.refusal) return state.refusal.kind === "starting" || isSignedOut() ? "waiting" : "offline";
    if (!state.view) return "waiting";
    return state.view.dashboard.isStale ? "stale" : "live";
}

function renderStatus() {
    const now = status();
    byId("freshness").dataset.state = now;
    byId("banner").dataset.state = now;
    byId("banner").hidden = now === "live" || isSignedOut() || !(state.refusal || state.view);
    say("banner-text", bannerText(now));
    renderClock();
}

function bannerText(now) {
    const asOf = state.view ? ` What is shown is as of ${clock.format(state.view.dashboard.computed)}.` : "";
    if (now === "stale") return `The server has computed nothing new for more than three intervals.${asOf}`;
    if (now === "offline") return `Out of touch: ${state.refusal.message}.${asOf}`;
    return state.refusal ? `Not ready: ${state.refusal.message}.${asOf}` : "";
}

/** What changes with every second; nothing of it is read out. */
function renderClock() {
    const {view, refusal} = state;
    const wait = state.nextTry - Date.now();
    say("countdown", refusal && wait > 0 ? `Next try in ${duration(wait)}` : "");
    if (!view || isSignedOut()) return say("freshness-text", isSignedOut() ? "Signed out" : "Loading");
    const newest = view.dashboard.meta.dataThrough;
    say("freshness-text", `Computed ${duration(Date.now() - view.dashboard.computed)} ago`
        + (newest ? `, newest row ${newestText(new Date(newest))}` : ""));
}

const newestText = time => (serverNow() - time < DAY ? clock : moment).format(time);
