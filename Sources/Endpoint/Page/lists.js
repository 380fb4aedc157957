const column = (field, title, more = {}) => ({field, title, cell: row => row[field] ?? "", ...more});
const count = (field, title) => column(field, title, {className: "number", cell: row => figure(row[field])});
const code = field => row => element("code", {}, row[field]);

/** A bar beside the number, for eyes only, as long as the row is big beside the biggest. */
const share = {title: "", className: "eyes", cell: (row, rows) => {
    const bar = element("span", {className: "share", "aria-hidden": "true"});
    bar.style.setProperty("--share", row.count / rows[0].count);
    return bar;
}};

/** The lists by the id of their panel: where rows come from, and what is shown and exported of each. */
const lists = {
    collections: {
        title: "Collections",
        rows: view => view.dashboard.data.collections,
        columns: [
            column("collection", "Collection", {cell: code("collection")}),
            share,
            count("count", "Events"),
            count("countDistinct_user", "Users"),
            count("countDistinct_ip", "Addresses"),
        ],
    },
    actions: {
        title: "Actions",
        rows: view => {
            const change = changes(view);
            return view.dashboard.data.actions.map(row => ({...row, change: change?.ofAction(row)}));
        },
        columns: [
            column("action", "Action", {cell: row => named(row.action)}),
            share,
            count("count", "Events"),
            {title: "Change", className: "number", cell: row => changeText(row.change)},
            count("countDistinct_user", "Users"),
            count("countDistinct_ip", "Addresses"),
        ],
    },
    addresses: {
        title: "Busiest addresses",
        isCut: true,
        rows: view => (view.addresses?.data ?? view.dashboard.data.topIPs),
        columns: [
            column("ip", "Address", {cell: code("ip")}),
            column("riskLevel", "Risk", {cell: row => badge(row.riskLevel)}),
            count("activityScore", "Score"),
            count("count", "Events"),
            count("countDistinct_collection", "Collections"),
            count("countDistinct_user", "Users"),
            count("countDistinct_action", "Actions"),
        ],
    },
    users: {
        title: "Busiest users",
        isCut: true,
        rows: view => (view.users?.data ?? view.dashboard.data.topUsers),
        columns: [
            column("userId", "User", {cell: row => userLink(row.userId)}),
            count("count", "Events"),
            count("countDistinct_collection", "Collections"),
            count("countDistinct_ip", "Addresses"),
            column("lastSeen", "Last seen", {className: "number", cell: row => since(row.lastSeen)}),
        ],
    },
};

const badge = level => element("span", {className: "badge", data: {level}}, level);

const named = action => element("span", {className: "name"}, swatch(action), action);

const userLink = user => element("button", {
    className: "link code", type: "button", data: {key: `user-${user}`}, onclick: () => go({user}),
}, user);

function renderList(section, list, view) {
    const isFull = state.expanded.has(section.id);
    const all = list.rows(view);
    const rows = all.slice(0, isFull ? FULL : BRIEF);
    if (!isNew(section, rows, isFull, [...chart.slots], minuteOf(list))) return;
    const title = element("h2", {id: `${section.id}-title`}, list.title);
    section.setAttribute("aria-labelledby", title.id);
    replace(
        section,
        element("div", {className: "panel-head"}, title, ...exports(section.id, list.title, () => records(list, rows))),
        scrolling(title.id, table(list, rows)),
        all.length > BRIEF || (list.isCut && all.length === BRIEF) ? expander(section.id, isFull) : null,
    );
}

/** Lists that say how long ago something was are drawn anew each minute. */
const minuteOf = list => list.columns.some(({field}) => field === "lastSeen") ? Math.floor(Date.now() / 60_000) : 0;

function expander(id, isFull) {
    const toggle = () => {
        if (!state.expanded.delete(id)) state.expanded.add(id);
        render();
        refresh();
    };
    const text = isFull ? "Show less" : "Show more";
    return element("button", {className: "quiet", type: "button", data: {key: "expander"}, onclick: toggle}, text);
}

const scrolling = (titleId, ...children) => element("div", {
    className: "scroll", tabIndex: 0, role: "region", "aria-labelledby": titleId,
}, ...children);

function table(list, rows) {
    const heads = list.columns.map(({title, className = ""}) => title
        ? element("th", {scope: "col", className}, title)
        : element("td", {className}));
    return element("table", {},
        element("thead", {}, element("tr", {}, ...heads)),
        element("tbody", {}, ...rows.map(row => tableRow(list.columns, row, rows))));
}

const tableRow = (columns, row, rows) => element("tr", {}, ...columns.map(({cell, className = ""}, index) => element(
    index === 0 ? "th" : "td",
    {className, ...(index === 0 && {scope: "row"})},
    cell(row, rows),
)));
