function render() {
    renderWindows();
    renderStatus();
    renderSignIn();
    renderAlerts();
    const view = isSignedOut() ? null : state.view;
    for (const id of ["totals", "activity", "collections", "actions", "addresses", "users"]) {
        byId(id).hidden = !view || isEmpty(view);
    }
    byId("content").ariaBusy = String(Boolean(view) && view.days !== state.days);
    renderNothing(view);
    if (view && !isEmpty(view)) renderView(view);
    renderProfile();
}

const isEmpty = view => view.dashboard.data.summary.totalActivity === 0;

function renderView(view) {
    renderTotals(view);
    renderActivity(view);
    for (const [id, list] of Object.entries(lists)) renderList(byId(id), list, view);
    const {from, to, generation} = view.dashboard.meta;
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    say("window-text", `${moment.format(new Date(from))} to ${moment.format(new Date(to))}, times of ${zone}. `
        + `Content of generation ${numbers.format(generation)}.`);
}

function renderWindows() {
    const options = [...new Set([...WINDOWS, state.days])].sort((left, right) => left - right);
    const fieldset = byId("windows");
    if (isNew(fieldset, options)) {
        replace(fieldset, fieldset.firstElementChild, ...options.map(windowOption));
    }
    fieldset.querySelector(`[value="${state.days}"]`).checked = true;
}

const windowOption = days => element("label", {}, `${days} d`, element("input", {
    type: "radio", name: "days", value: days, "aria-label": plural(days, "day"), data: {key: `days-${days}`},
    onchange: () => go({days}),
}));

/** Where there is nothing to show, why. */
function renderNothing(view) {
    const isWaiting = !view && !isSignedOut();
    byId("nothing").hidden = !isWaiting && !(view && isEmpty(view));
    byId("footer").hidden = !view;
    say("nothing-title", isWaiting ? "No figures yet" : `No activity in ${plural(state.days, "day")}`);
    say("nothing-text", isWaiting
        ? "They appear as soon as the server has answered."
        : "Nothing was written to directus_activity in this window. Try a longer one.");
}
