const THEMES = ["auto", "light", "dark"];

function applyTheme(theme) {
    document.documentElement.dataset.theme = theme;
    say("theme-name", theme);
}

function nextTheme() {
    const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
    localStorage.setItem("activityd.theme", theme);
    applyTheme(theme);
}


function listen() {
    byId("theme").onclick = nextTheme;
    byId("retry").onclick = refresh;
    byId("forget").onclick = () => signIn(null);
    byId("sign-in-form").onsubmit = event => {
        event.preventDefault();
        const token = byId("token").value.trim();
        byId("token").value = "";
        signIn(token);
    };
    byId("close").onclick = () => byId("user").close();
    byId("user").onclose = () => state.user && go({user: null});
    byId("user").onclick = event => event.target === byId("user") && byId("user").close();
    byId("chart").onpointermove = pointAt;
    byId("chart").onpointerdown = pointAt;
    byId("chart").onpointerleave = () => moveCursor(null);
    byId("chart").onblur = () => moveCursor(null);
    byId("chart").onkeydown = pressInChart;
    new ResizeObserver(drawChart).observe(byId("chart"));
    addEventListener("popstate", () => {
        readAddress();
        render();
        refresh();
    });
    addEventListener("online", refresh);
    document.addEventListener("visibilitychange", () => document.hidden ? pause() : resume());
}

function pause() {
    clearTimeout(timer);
    stream.abort.abort();
}

function resume() {
    stream.wake();
    refresh();
}

function tick() {
    if (document.hidden) return;
    renderStatus();
    renderAlerts();
}

readAddress();
applyTheme(localStorage.getItem("activityd.theme") ?? "auto");
drawPatterns();
listen();
render();
refresh();
followAlerts();
setInterval(tick, 1000);
