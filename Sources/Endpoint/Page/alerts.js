const SEVERITIES = ["critical", "high", "medium", "low", "info"];

/** Keeps what is said of an alert as of a sequence, unless something newer is known. */
function learn(said, sequence) {
    const alert = {...said, sequence};
    const known = state.alerts.get(alert.occurrenceId);
    if (!alert.occurrenceId || known?.sequence > alert.sequence) return;
    state.alerts.set(alert.occurrenceId, alert);
    forgetOldest();
}

/** What is over makes room. */
function forgetOldest() {
    for (const [id, alert] of state.alerts) {
        if (state.alerts.size <= FULL) return;
        if (alert.status === "resolved") state.alerts.delete(id);
    }
}

function renderAlerts() {
    const alerts = [...state.alerts.values()].sort(byUrgency);
    const firing = alerts.filter(isFiring);
    byId("alerts").hidden = isSignedOut() || !state.view;
    const states = {live: "Live", waiting: "Connecting", offline: "Out of touch", absent: "Not served here"};
    byId("alerts-state").dataset.state = state.stream;
    say("alerts-text", states[state.stream]);
    say("alerts-title", firing.length ? `Alerts (${numbers.format(firing.length)})` : "Alerts");
    document.title = `${firing.length ? `(${firing.length}) ` : ""}activityd · ${plural(state.days, "day")}`;
    const list = byId("alerts-list");
    if (!isNew(list, alerts, state.stream, Math.floor(Date.now() / 60_000))) return;
    replace(list, ...(alerts.length ? alerts.map(alertItem) : [element("li", {className: "empty"}, noAlerts())]));
}

const isFiring = alert => alert.status !== "resolved";

const noAlerts = () => ({
    live: "Nothing is firing.",
    absent: "This server does not serve its alerts.",
}[state.stream] ?? "Alerts appear as soon as the stream is open.");

function byUrgency(left, right) {
    return isFiring(right) - isFiring(left)
        || (isFiring(left) && SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity))
        || Date.parse(right.startsAt) - Date.parse(left.startsAt);
}

function alertItem(alert) {
    const firing = isFiring(alert);
    const className = Date.now() - alert.heard < 2000 ? "alert fresh" : "alert";
    return element("li", {className, data: {status: alert.status}},
        element("header", {},
            firing ? badge(alert.severity) : badge("resolved"),
            element("strong", {}, sentence(alert.alertType)),
            since(firing ? alert.startsAt : alert.endsAt ?? alert.startsAt)),
        element("p", {}, ...alertSubject(alert)),
        element("p", {}, alert.reason),
        decision(alert));
}

/** What people decided about it. */
function decision({suppressedBy, acknowledgedBy}) {
    if (suppressedBy) return element("p", {}, `Not published: ${suppressedBy}`);
    return acknowledgedBy ? element("p", {}, `Acknowledged by ${acknowledgedBy}`) : null;
}

/** Who or what it is about; users can be looked at. */
function alertSubject({labels = {}}) {
    const names = {ip: "address", userId: "user"};
    return Object.entries(labels).flatMap(([name, value], index) => [
        `${index ? ", " : ""}${names[name] ?? name} `,
        name === "userId" ? userLink(value) : element("code", {}, value),
    ]);
}
