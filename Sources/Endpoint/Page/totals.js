function renderTotals(view) {
    const {summary, collections} = view.dashboard.data;
    const list = byId("totals-list");
    const change = changes(view);
    if (!isNew(list, summary, collections, view.hourly.entityTag, change?.total)) return;
    const window = plural(view.days, "day");
    replace(
        list,
        total("Events", "events", summary.totalActivity, ...changeNote(change?.total, window)),
        total("Users", "user-count", summary.uniqueUsers, `distinct in ${window}`),
        total("Addresses", "address-count", summary.uniqueIPs, `distinct in ${window}`),
        total("Collections", "collection-count", collections.length, `most: ${collections[0]?.collection}`),
        busiestHour(view.hourly.data),
    );
}

function total(title, id, value, ...note) {
    return element("div", {className: "total"},
        element("dt", {}, title),
        element("dd", {className: "figure", id}, figure(value)),
        element("dd", {className: "note"}, ...note));
}

function busiestHour(hours) {
    const busiest = hours.reduce((best, hour) => hour.total > best.total ? hour : best);
    return total("Busiest hour", "busiest-hour", busiest.total, moment.format(new Date(busiest.timestamp)));
}

/**
 * Events of the window's whole hours with those of as many hours before: the difference of two windows of the server.
 * Null when the documents do not fit, as for a moment after an hour has begun.
 */
function changes({days, dashboard, hourly, twice}) {
    const start = Date.parse(dashboard.meta.from);
    const running = hourly.data.at(-1);
    const isFitting = twice && Date.parse(twice.meta.from) + days * DAY === start
        && Date.parse(running.timestamp) === start + days * DAY;
    if (!isFitting) return null;
    const earlier = new Map(twice.data.actions.map(row => [row.action, row.count]));
    const change = (now, both, unfinished) => ({now: now - unfinished, before: both - now});
    return {
        total: change(dashboard.data.summary.totalActivity, twice.data.summary.totalActivity, running.total),
        ofAction: ({action, count}) => change(count, earlier.get(action) ?? count, running.byAction[action] ?? 0),
    };
}

function changeNote(change, window) {
    if (!change) return [`in ${window}`];
    return [changeText(change), ` against ${numbers.format(change.before)} before`];
}

function changeText(change) {
    if (!change) return element("span", {className: "change"}, "–");
    const {now, before} = change;
    if (before === 0) return element("span", {className: "change"}, now === 0 ? "–" : "new");
    const ratio = now / before - 1;
    const [sign, word] = ratio > 0 ? ["▲", "up"] : ratio < 0 ? ["▼", "down"] : ["=", "unchanged"];
    return element("span", {className: "change"},
        element("span", {"aria-hidden": "true"}, `${sign} `),
        element("span", {className: "hidden-visually"}, `${word} `),
        percents.format(Math.abs(ratio)));
}
