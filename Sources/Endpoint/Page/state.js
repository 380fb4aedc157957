"use strict";

const WINDOWS = [1, 7, 14, 30, 90];
const LONGEST_DAYS = 366;
const LONGEST_HOURS = 744;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Rows of a list before and after "Show more". */
const BRIEF = 10;
const FULL = 100;
/** Kinds of actions that are told apart in the chart; the rest are "others". */
const SERIES = 8;
/** Actions that everybody knows keep their colour whatever else is there. */
const SLOTS = {update: 0, create: 1, delete: 2, login: 3, run: 4, comment: 5};
const OTHERS = "others";
/** Milliseconds to wait for an answer. */
const PATIENCE = 20_000;
/** Milliseconds without a sign of life after which a stream counts as dead; its server sends one every 15 seconds. */
const STREAM_SILENCE = 45_000;

/** All that is shown follows from this. `view` and `profile` hold documents as the server sent them. */
const state = {
    days: 7,
    user: null,
    token: sessionStorage.getItem("activityd.token"),
    view: null,
    profile: null,
    refusal: null,
    failures: 0,
    nextTry: 0,
    expanded: new Set(),
    hiddenActions: new Set(),
    alerts: new Map(),
    stream: "waiting",
};

function readAddress() {
    const query = new URLSearchParams(location.search);
    const days = Number(query.get("days") ?? 7);
    state.days = Number.isInteger(days) && days >= 1 && days <= LONGEST_DAYS ? days : 7;
    state.user = query.get("user");
}

/** Goes to another window or user, so that the address can be kept, shared and gone back to. */
function go(change) {
    Object.assign(state, change);
    const query = new URLSearchParams({days: state.days, ...(state.user && {user: state.user})});
    history.pushState(null, "", `?${query}`);
    render();
    refresh();
}
