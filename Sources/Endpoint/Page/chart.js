/** Lines over the colours, so that series differ without them, too. */
const HATCHES = ["", "M-1 7L7 -1M-1 1L1 -1M5 7L7 5", "M3 0V6", "M0 3H6", "M-1 -1L7 7M5 -1L7 1M-1 5L1 7",
    "M0 0H6V6", "M1.5 1.5h1M4.5 4.5h1", "M0 1.5H6M0 4.5H6", "M1.5 0V6M4.5 0V6"];

function drawPatterns() {
    byId("patterns").replaceChildren(...HATCHES.map((hatch, slot) => {
        const ground = drawing("rect", {width: 6, height: 6});
        ground.style.fill = `var(--series-${slot})`;
        const attributes = {id: `pattern-${slot}`, width: 6, height: 6, patternUnits: "userSpaceOnUse"};
        return drawing("pattern", attributes, ground, drawing("path", {d: hatch}));
    }));
}

function drawChart() {
    const {width, height} = byId("chart").getBoundingClientRect();
    if (!width || !chart.bins.length) return;
    const highest = Math.max(...chart.bins.map(bin => bin.total));
    const step = niceStep(highest);
    const top = Math.max(step, Math.ceil(highest / step) * step);
    const left = 12 + 7 * numbers.format(top).length;
    chart.box = {left, top: 8, right: width, bottom: height - 22, step: (width - left) / chart.bins.length};
    const toY = value => chart.box.bottom - (chart.box.bottom - chart.box.top) * value / top;
    const cursor = drawing("rect", {class: "cursor", id: "cursor", y: chart.box.top, visibility: "hidden",
        height: chart.box.bottom - chart.box.top, width: chart.box.step});
    byId("bars").replaceChildren(...gridLines(top, step, toY), ...timeLabels(), ...chart.bins.map(bar(toY)), cursor);
    byId("bars").setAttribute("aria-label", chartSummary(highest));
    moveCursor(chart.cursor);
}

/** About four lines at round numbers. */
function niceStep(highest) {
    const rough = Math.max(1, highest / 4);
    const power = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= rough);
}

function gridLines(top, step, toY) {
    const values = Array.from({length: Math.round(top / step) + 1}, (_, index) => index * step);
    return values.flatMap(value => [
        drawing("line", {class: "grid", x1: chart.box.left, x2: chart.box.right, y1: toY(value), y2: toY(value)}),
        drawing("text", {x: chart.box.left - 6, y: toY(value) + 4, "text-anchor": "end"}, numbers.format(value)),
    ]);
}

/** Days where there are many, hours where there is one, never so many that they touch. */
function timeLabels() {
    const {left, step, bottom, right} = chart.box;
    const isOneDay = chart.size === 1;
    const candidates = chart.bins.map((bin, index) => ({index, time: new Date(bin.start)}))
        .filter(({time}) => isOneDay ? time.getHours() % 3 === 0 : time.getHours() === 0);
    const room = candidates.length * 64 / (right - left);
    return candidates.filter((_, index) => index % Math.max(1, Math.ceil(room)) === 0).map(({index, time}) => {
        const text = isOneDay && time.getHours() ? hourOfDay.format(time) : dayOfYear.format(time);
        const x = Math.min(left + index * step + (chart.size === 24 || isOneDay ? step / 2 : 0), right - 20);
        return drawing("text", {x, y: bottom + 17, "text-anchor": index === 0 && !isOneDay ? "start" : "middle"}, text);
    });
}

const bar = toY => (bin, index) => {
    const {left, step} = chart.box;
    const gap = step > 5 ? Math.min(3, step / 5) : 0.5;
    let below = 0;
    const parts = chart.series.filter(({name}) => isShown(name) && bin.byAction[name]).map(({name}) => {
        const bottom = toY(below);
        below += bin.byAction[name];
        const height = bottom - toY(below);
        const seam = height > 3 ? 1 : 0;
        return drawing("rect", {x: left + index * step + gap / 2, y: toY(below) + seam, width: step - gap,
            height: height - seam, fill: fillOf(name)});
    });
    return drawing("g", {}, ...parts);
};

function chartSummary(highest) {
    const busiest = chart.bins.find(bin => bin.total === highest);
    return `Stacked bars of events by action, ${chart.bins.length} bars of ${plural(chart.size, "hour")} each. `
        + `The highest is ${numbers.format(highest)} from ${moment.format(busiest.start)}.`;
}

/** Reads a bar out, or none. */
function moveCursor(index) {
    chart.cursor = index;
    const bin = chart.bins[index];
    const tip = byId("tip");
    byId("cursor")?.setAttribute("visibility", bin ? "visible" : "hidden");
    tip.hidden = !bin;
    if (!bin) return;
    const {left, step, right} = chart.box;
    const x = left + index * step;
    byId("cursor").setAttribute("x", x);
    tip.replaceChildren(...tipContent(bin));
    const isRight = x > (left + right) / 2;
    tip.style.translate = `${isRight ? x - tip.offsetWidth - 10 : x + step + 10}px 4px`;
}

function tipContent(bin) {
    const parts = chart.series.filter(({name}) => isShown(name) && bin.byAction[name]);
    return [
        element("strong", {}, `${dayOfYear.format(bin.start)}, ${hourOfDay.format(bin.start)} – `
            + hourOfDay.format(bin.end)),
        element("ul", {}, ...[...parts].reverse().map(({name}) => element("li", {},
            swatch(name), element("span", {}, name), figure(bin.byAction[name]))),
            element("li", {}, element("strong", {}, plural(bin.total, "event")))),
    ];
}

function pointAt({clientX}) {
    if (!chart.box) return;
    const x = clientX - byId("chart").getBoundingClientRect().left - chart.box.left;
    const index = Math.floor(x / chart.box.step);
    moveCursor(index >= 0 && index < chart.bins.length ? index : null);
}

function pressInChart(event) {
    const last = chart.bins.length - 1;
    const at = chart.cursor ?? last + 1;
    const target = {ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, Escape: null}[event.key];
    if (target === undefined) return;
    event.preventDefault();
    moveCursor(target === null ? null : Math.min(last, Math.max(0, target)));
}
