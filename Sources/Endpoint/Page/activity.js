/** What the chart shows, and where it has drawn it. `cursor` is the index of the bar that is read. */
const chart = {bins: [], series: [], slots: new Map(), cursor: null, box: null};

function renderActivity(view) {
    chart.slots = slotsOf(view.hourly.data);
    const hidden = [...state.hiddenActions];
    if (!isNew(byId("activity"), view.hourly.entityTag, view.days, hidden)) return;
    const size = [1, 3, 6, 12].find(size => view.hourly.data.length / size <= 60) ?? 24;
    chart.bins = binsOf(view.hourly.data, size);
    chart.series = seriesOf(chart.bins);
    chart.size = size;
    chart.cursor = null;
    renderActivityHead(view);
    renderLegend();
    renderSeriesTable();
    drawChart();
}

/** Where each action is drawn: the most frequent have a colour and a pattern, the rest share the last. */
function slotsOf(hours) {
    const totals = new Map();
    for (const {byAction} of hours) {
        for (const [action, count] of Object.entries(byAction)) totals.set(action, (totals.get(action) ?? 0) + count);
    }
    const ranked = [...totals.keys()].sort((left, right) => totals.get(right) - totals.get(left));
    const shown = ranked.slice(0, ranked.length > SERIES ? SERIES - 1 : SERIES);
    const taken = new Set(shown.map(action => SLOTS[action]));
    const free = Array.from({length: SERIES}, (_, slot) => slot).filter(slot => !taken.has(slot));
    return new Map(shown.map(action => [action, SLOTS[action] ?? free.pop()]));
}

const slotOf = action => chart.slots.get(action) ?? SERIES;
const nameOf = action => chart.slots.has(action) ? action : OTHERS;
const fillOf = action => `url(#pattern-${slotOf(action)})`;

/** Hours added up to bins that begin where the reader's clock has a multiple of so many hours. */
function binsOf(hours, size) {
    const bins = new Map();
    for (const {timestamp, byAction} of hours) {
        const hour = Date.parse(timestamp);
        const start = binStart(hour, size);
        const bin = bins.get(start) ?? {start, byAction: {}};
        bin.end = hour + HOUR;
        for (const [action, count] of Object.entries(byAction)) {
            bin.byAction[nameOf(action)] = (bin.byAction[nameOf(action)] ?? 0) + count;
        }
        bins.set(start, bin);
    }
    return [...bins.values()].map(bin => ({...bin, total: shownTotal(bin)}));
}

function binStart(hour, size) {
    if (size === 1) return hour;
    const local = new Date(hour);
    return local.setHours(Math.floor(local.getHours() / size) * size, 0, 0, 0);
}

const isShown = name => !state.hiddenActions.has(name);
const sum = values => values.reduce((total, value) => total + value, 0);
const shownTotal = bin => sum(Object.entries(bin.byAction).filter(([name]) => isShown(name)).map(([, count]) => count));

/** The names that are stacked, most frequent first, with their totals. */
function seriesOf(bins) {
    return [...chart.slots.keys(), OTHERS]
        .map(name => ({name, total: sum(bins.map(bin => bin.byAction[name] ?? 0))}))
        .filter(({total}) => total > 0);
}

function renderActivityHead(view) {
    const shown = 24 * view.days > LONGEST_HOURS ? ` (the last ${LONGEST_HOURS / 24} days)` : "";
    say("activity-title", `Activity over time${shown}`);
    const head = byId("activity").firstElementChild;
    replace(head, byId("activity-title"), ...exports("activity", "Activity over time", binRecords));
}

const binRecords = () => chart.bins.map(bin => ({
    from: new Date(bin.start).toISOString(),
    to: new Date(bin.end).toISOString(),
    total: bin.total,
    ...Object.fromEntries(chart.series.filter(({name}) => isShown(name))
        .map(({name}) => [name, bin.byAction[name] ?? 0])),
}));

function renderLegend() {
    replace(byId("legend"), ...chart.series.map(({name, total}) => element("button", {
        type: "button", "aria-pressed": String(isShown(name)), data: {key: `legend-${name}`},
        onclick: () => toggleAction(name),
    }, swatch(name), name, element("span", {className: "muted"}, numbers.format(total)))));
}

function toggleAction(name) {
    if (!state.hiddenActions.delete(name)) state.hiddenActions.add(name);
    render();
}

function swatch(action) {
    return drawing("svg", {class: "swatch", "aria-hidden": "true"},
        drawing("rect", {width: 12, height: 12, fill: fillOf(action)}));
}

function renderSeriesTable() {
    const columns = [
        column("start", "From", {cell: bin => moment.format(bin.start)}),
        count("total", "Events"),
        ...chart.series.map(({name}) => (
            {title: name, className: "number", cell: bin => figure(bin.byAction[name] ?? 0)})),
    ];
    replace(byId("series-table"), table({columns}, [...chart.bins].reverse()));
}
