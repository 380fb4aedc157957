let turn = 0;
let timer;

/** Asks for all that is shown, draws it, and comes back when it may have changed. */
async function refresh() {
    clearTimeout(timer);
    const mine = ++turn;
    try {
        const [view, profile] = await Promise.all([loadView(state.days), loadProfile(state.user, state.days)]);
        if (mine !== turn) return;
        if (state.failures) stream.wake();
        Object.assign(state, {view, profile, refusal: null, failures: 0});
        schedule(view.dashboard.interval);
    } catch (refusal) {
        if (mine !== turn) return;
        if (!(refusal instanceof Refusal)) throw refusal;
        Object.assign(state, {refusal, failures: state.failures + 1});
        schedule(Math.max(refusal.retryAfter, backOff(state.failures)));
    }
    render();
}

/** Doubles from one second to one minute, with a quarter of chance so that readers do not come back as one. */
const backOff = failures => Math.min(60_000, 1000 * 2 ** (failures - 1)) * (1 + Math.random() / 4);

function schedule(delay) {
    state.nextTry = Date.now() + delay;
    if (isSignedOut() || document.hidden) return;
    timer = setTimeout(refresh, delay);
}

const isSignedOut = () => ["unauthorised", "forbidden"].includes(state.refusal?.kind);

async function loadView(days) {
    const isFull = name => state.expanded.has(name);
    const optional = path => ask(path).catch(refusal => {
        if (refusal.kind === "offline" || refusal.kind === "unauthorised") throw refusal;
        return null;
    });
    const [dashboard, hourly, twice, addresses, users] = await Promise.all([
        ask(`dashboard?days=${days}`),
        ask(`hourly?hours=${Math.min(24 * days, LONGEST_HOURS)}`),
        2 * days <= LONGEST_DAYS ? optional(`dashboard?days=${2 * days}`) : null,
        isFull("addresses") ? optional(`ips?days=${days}&minActivity=1&limit=${FULL}`) : null,
        isFull("users") ? optional(`users?days=${days}&limit=${FULL}`) : null,
    ]);
    return {days, dashboard, hourly, twice, addresses, users};
}

async function loadProfile(user, days) {
    if (!user) return null;
    try {
        return {user, ...await ask(`users/${encodeURIComponent(user)}?days=${days}`)};
    } catch (refusal) {
        if (refusal.kind !== "missing" && refusal.kind !== "refused") throw refusal;
        return {user, refusal};
    }
}
