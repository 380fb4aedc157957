/** An answer that is none. `kind` is offline, unauthorised, forbidden, starting, missing or refused. */
class Refusal extends Error {
    constructor(kind, message, retryAfter = 0) {
        super(message);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    static async of(response) {
        const kinds = {401: "unauthorised", 403: "forbidden", 404: "missing", 502: "offline", 503: "starting"};
        const problem = await response.json().catch(() => ({}));
        const message = problem.detail ?? `the server answered ${response.status}`;
        const retryAfter = Number(response.headers.get("Retry-After") ?? 0);
        return new Refusal(kinds[response.status] ?? "refused", message, 1000 * retryAfter);
    }
}

/** Sends a request with the token, if there is one. Addresses are relative, so that a proxy may add a prefix. */
async function request(path, headers, signal) {
    const authorization = state.token ? {Authorization: `Bearer ${state.token}`} : {};
    try {
        const response = await fetch(path, {headers: {...headers, ...authorization}, cache: "no-store", signal});
        if (!response.ok && response.status !== 304) throw await Refusal.of(response);
        return response;
    } catch (error) {
        throw error instanceof Refusal ? error : new Refusal("offline", "the server does not answer");
    }
}

/** Answers by path. Tags are sent from here, since a browser's own cache would keep fields of an older answer. */
const answers = new Map();

async function ask(path) {
    const known = answers.get(path);
    const response = await request(
        `api/activity/${path}`,
        {Accept: "application/json", ...(known && {"If-None-Match": known.entityTag})},
        AbortSignal.timeout(PATIENCE),
    );
    const document = response.status === 304 ? known : await response.json().catch(() => {
        throw new Refusal("offline", "the answer broke off");
    });
    return remember(path, {data: document.data, meta: document.meta, ...freshness(response)});
}

function freshness({headers}) {
    const now = Date.now();
    return {
        entityTag: headers.get("ETag"),
        computed: now - 1000 * Number(headers.get("Age") ?? 0),
        interval: 1000 * Number(/max-age=(\d+)/.exec(headers.get("Cache-Control"))?.[1] ?? 60),
        isStale: headers.get("X-Activity-Stale") === "1",
        clockOffset: headers.has("Date") ? Date.parse(headers.get("Date")) - now : 0,
    };
}

function remember(path, answer) {
    answers.delete(path);
    answers.set(path, answer);
    if (answers.size > 32) answers.delete(answers.keys().next().value);
    return answer;
}
