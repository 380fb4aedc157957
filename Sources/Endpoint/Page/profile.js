function renderProfile() {
    const dialog = byId("user");
    if (!state.user || isSignedOut()) return dialog.open && dialog.close();
    say("user-title", state.user);
    const profile = state.profile?.user === state.user ? state.profile : null;
    const body = byId("user-body");
    if (isNew(body, state.user, profile?.entityTag, profile?.data, profile?.refusal?.message)) {
        replace(body, ...profileContent(profile));
    }
    if (!dialog.open) dialog.showModal();
}

function profileContent(profile) {
    if (!profile) return [element("p", {className: "empty"}, "Loading")];
    if (profile.refusal) return [element("p", {className: "empty", role: "alert"}, profile.refusal.message)];
    const {summary, byCollection, byAction, period} = profile.data;
    return [
        element("dl", {className: "totals"},
            total("Events", "profile-events", summary.count, `in ${period}`),
            total("Collections", "profile-collections", summary.countDistinct_collection, "distinct"),
            total("Addresses", "profile-addresses", summary.countDistinct_ip, "distinct")),
        profileList("By collection", column("collection", "Collection", {cell: code("collection")}), byCollection),
        profileList("By action", column("action", "Action", {cell: row => named(row.action)}), byAction),
    ];
}

function profileList(title, first, rows) {
    const id = `user-${first.field}`;
    const list = {columns: [first, share, count("count", "Events")]};
    return element("section", {className: "panel", "aria-labelledby": id},
        element("div", {className: "panel-head"}, element("h3", {id}, title),
            ...exports(id, title, () => records(list, rows))),
        rows.length ? table(list, rows) : element("p", {className: "empty"}, "Nothing in this window."));
}
