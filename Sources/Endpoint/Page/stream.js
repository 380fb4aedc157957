/** How the stream is read; `lastID` is the newest sequence seen, and `wake` ends a rest. */
const stream = {lastID: 0, failures: 0, abort: new AbortController(), silence: null, wake: () => {}};

/**
 * Follows the alerts as long as the page is looked at. The stream is opened before what fires is asked for: no gap.
 * Pages that nobody sees have none, since browsers open no more than six connections to a server of HTTP/1.
 */
async function followAlerts() {
    for (;;) {
        stream.abort = new AbortController();
        try {
            if (!document.hidden) await readStream();
            state.stream = document.hidden ? "waiting" : "offline";
        } catch (refusal) {
            if (!(refusal instanceof Refusal)) console.error(refusal);
            state.stream = document.hidden ? "waiting" : refusal.kind === "missing" ? "absent" : "offline";
        }
        clearTimeout(stream.silence);
        renderAlerts();
        await rest();
    }
}

/** Waits for the next try; where alerts are not served or not allowed, until something has changed. */
function rest() {
    return new Promise(resolve => {
        stream.wake = resolve;
        if (state.stream === "offline" && !isSignedOut()) setTimeout(resolve, backOff(++stream.failures));
    });
}

/** Notes a sign of life, and gives the stream up when no other follows. */
function noteLife() {
    clearTimeout(stream.silence);
    stream.silence = setTimeout(() => stream.abort.abort(), STREAM_SILENCE);
}

function restartStream() {
    stream.lastID = 0;
    stream.abort.abort();
    stream.wake();
}

async function readStream() {
    noteLife();
    const headers = {Accept: "text/event-stream", ...(stream.lastID && {"Last-Event-ID": String(stream.lastID)})};
    const response = await request("api/activity/alerts/stream", headers, stream.abort.signal);
    await loadFiring();
    state.stream = "live";
    stream.failures = 0;
    renderAlerts();
    for await (const event of serverSentEvents(response.body)) await hear(event);
}

async function loadFiring() {
    const response = await request(`api/activity/alerts?status=firing&limit=${FULL}`, {Accept: "application/json"},
        AbortSignal.timeout(PATIENCE));
    const {data, meta} = await response.json();
    for (const [id, alert] of state.alerts) if (isFiring(alert)) state.alerts.delete(id);
    for (const alert of data) learn(alert, meta.lastSequence);
    stream.lastID = Math.max(stream.lastID, meta.lastSequence);
}

async function hear({name, data}) {
    if (name === "resync") return loadFiring().then(renderAlerts);
    if (!data) return;
    const event = JSON.parse(data);
    learn({...event.data, heard: Date.now()}, Number(event.sequence));
    renderAlerts();
    if (event.data?.status !== "firing") return;
    const {severity, alertType, annotations} = event.data;
    say("announcement", `${severity} alert: ${sentence(alertType)}. ${annotations?.summary ?? ""}`);
}

/** The events of a stream (https://html.spec.whatwg.org/multipage/server-sent-events.html) until it ends. */
async function* serverSentEvents(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
        const {value, done} = await reader.read().catch(() => ({done: true}));
        if (done) return;
        noteLife();
        const blocks = (text + value).split(/\r?\n\r?\n/);
        text = blocks.pop();
        yield* blocks.map(parseEvent);
    }
}

function parseEvent(block) {
    const event = {name: "message", data: ""};
    for (const line of block.split(/\r?\n/)) {
        const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
        if (field === "event") event.name = value;
        if (field === "data") event.data += event.data ? `\n${value}` : value;
        if (field === "id" && Number(value)) stream.lastID = Number(value);
    }
    return event;
}
