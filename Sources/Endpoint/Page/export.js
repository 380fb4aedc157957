/** What a list shows, as plain values by the API's own names. */
const records = (list, rows) => rows.map(row => Object.fromEntries(
    list.columns.filter(({field}) => field).map(({field}) => [field, row[field] ?? null])));

const exports = (id, title, rows) => ["CSV", "JSON"].map(format => element("button", {
    className: "quiet", type: "button", data: {key: `${id}-${format}`}, "aria-label": `${title} as ${format}`,
    onclick: () => format === "CSV"
        ? save(`${fileName(id)}.csv`, "text/csv", csv(rows()))
        : save(`${fileName(id)}.json`, "application/json", JSON.stringify(exported(title, rows()), null, 2)),
}, format));

const fileName = id => `activityd-${id}-${state.days}d-${new Date().toISOString().slice(0, 10)}`;

const exported = (title, rows) => ({title, days: state.days, user: state.user, meta: state.view.dashboard.meta, rows});

/** RFC 4180, the columns of the first row. */
function csv(rows) {
    const fields = Object.keys(rows[0] ?? {});
    const lines = [fields, ...rows.map(row => fields.map(field => row[field]))];
    return lines.map(line => `${line.map(csvField).join(",")}\r\n`).join("");
}

/** A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function csvField(value) {
    if (typeof value === "number") return String(value);
    const text = String(value ?? "").replace(/^[=+\-@\t\r\n]/, "'$&");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function save(name, type, text) {
    const url = URL.createObjectURL(new Blob([text], {type: `${type};charset=utf-8`}));
    element("a", {href: url, download: name}).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
}
