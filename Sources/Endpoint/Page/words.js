const numbers = new Intl.NumberFormat();
const percents = new Intl.NumberFormat(undefined, {style: "percent", maximumFractionDigits: 1});
const clock = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit", second: "2-digit"});
const hourOfDay = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit"});
const dayOfYear = new Intl.DateTimeFormat(undefined, {day: "numeric", month: "short"});
const moment = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "short"});

const plural = (count, word) => `${numbers.format(count)} ${word}${count === 1 ? "" : "s"}`;

function duration(milliseconds) {
    const seconds = Math.max(0, Math.round(milliseconds / 1000));
    if (seconds < 100) return `${seconds} s`;
    if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
    if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
    return `${Math.round(seconds / 86400)} days`;
}

/** Now by the server's clock. */
const serverNow = () => Date.now() + (state.view?.dashboard.clockOffset ?? 0);

const since = time => element("time", {dateTime: time, title: moment.format(new Date(time))},
    `${duration(serverNow() - Date.parse(time))} ago`);

const figure = value => element("data", {value}, numbers.format(value));

/** `MASS_DELETE` as "Mass delete". */
const sentence = name => name.charAt(0) + name.slice(1).toLowerCase().replaceAll("_", " ");
