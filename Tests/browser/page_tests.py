"""What the dashboard page does, seen through a browser. `Tests/browser/run` starts it."""

import csv
import glob
import json
import os
import re
import shutil
import tempfile
import unittest
import urllib.parse

from daemon import Daemon, activityd
from webdriver import ENTER, ESCAPE, LEFT, RIGHT, TAB, Browser, wait_for

SCREENSHOTS = os.environ["SCREENSHOTS"]
# What a spreadsheet would run, what a careless page would run, and what breaks a careless table.
FORMULA = "=cmd|' /C calc'!A0"
MARKUP = '<img src=x onerror="document.title=1">'
QUOTED = 'a "quoted", name'
# Chromium reports every answer that is no success; these tests cause some on purpose.
UNREACHABLE = r"ERR_(CONNECTION_REFUSED|CONNECTION_RESET|INCOMPLETE_CHUNKED_ENCODING|EMPTY_RESPONSE)|status of 503"
UNAUTHORISED = r"status of 401"
NOT_FOUND = r"/users/.*status of 404"


class PageTest(unittest.TestCase):
    """One browser for all tests of a class, and a console that has to stay silent."""

    settings = {}
    database = "directus"

    @classmethod
    def setUpClass(cls):
        cls.downloads = tempfile.mkdtemp(prefix="activityd-downloads.")
        cls.addClassCleanup(shutil.rmtree, cls.downloads)
        cls.daemon = Daemon(cls.database, **cls.settings)
        cls.addClassCleanup(cls.daemon.stop)
        cls.browser = Browser(cls.downloads)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.expected = None
        self.browser.resize(1440, 1000)
        self.browser.prefer("light")

    def tearDown(self):
        complaints = self.browser.complaints()
        if self.expected:
            complaints = [complaint for complaint in complaints if not re.search(self.expected, complaint)]
        self.assertEqual(complaints, [])

    def open(self, query="?days=7"):
        self.browser.open(self.daemon.url(f"/{query}"))

    def open_with_figures(self, query="?days=7"):
        self.open(query)
        wait_for("figures", lambda: self.is_visible("#totals"))

    def text(self, selector):
        return self.browser.run("return document.querySelector(arguments[0])?.textContent", selector)

    def is_visible(self, selector):
        return self.browser.run("return document.querySelector(arguments[0])?.checkVisibility() ?? false", selector)

    def figure(self, name):
        """The number of a total."""
        return int(self.browser.run("return document.querySelector(arguments[0]).value", f"#{name} data"))

    def rows(self, selector):
        """The cells of a table, numbers as numbers."""
        return self.browser.run("""
            const cells = row => [...row.cells].filter(cell => !cell.classList.contains("eyes"));
            const value = cell => cell.querySelector("data")?.value ?? cell.textContent;
            return [...document.querySelectorAll(`${arguments[0]} tbody tr`)].map(row => cells(row).map(value));
            """, selector)

    def focused(self):
        return self.browser.run("const {id, textContent} = document.activeElement; return id || textContent")


class Figures(PageTest):
    """With a table at rest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in (FORMULA, MARKUP, QUOTED):
            cls.daemon.insert(collection=name)
        cls.daemon.wait_until_counted()

    def test_equal_those_of_the_api(self):
        for days in (1, 7, 30):
            with self.subTest(days=days):
                self.open_with_figures(f"?days={days}")
                dashboard = self.daemon.get(f"dashboard?days={days}")
                self.assert_totals(dashboard["summary"])
                self.assert_lists(dashboard)
                self.assert_chart(dashboard)

    def assert_totals(self, summary):
        self.assertEqual(self.figure("events"), summary["totalActivity"])
        self.assertEqual(self.figure("user-count"), summary["uniqueUsers"])
        self.assertEqual(self.figure("address-count"), summary["uniqueIPs"])

    def assert_lists(self, dashboard):
        numbers = {
            "collections": ("collection", "count", "countDistinct_user", "countDistinct_ip"),
            "addresses": ("ip", "riskLevel", "activityScore", "count", "countDistinct_collection",
                          "countDistinct_user", "countDistinct_action"),
            "users": ("userId", "count", "countDistinct_collection", "countDistinct_ip"),
        }
        for panel, members in {"collections": "collections", "addresses": "topIPs", "users": "topUsers"}.items():
            expected = [[str(row[name]) for name in numbers[panel]] for row in dashboard[members][:10]]
            shown = [row[:len(numbers[panel])] for row in self.rows(f"#{panel}")]
            self.assertEqual(shown, expected, panel)
        actions = [[row["action"], str(row["count"])] for row in dashboard["actions"][:10]]
        self.assertEqual([row[:2] for row in self.rows("#actions")], actions)

    def assert_chart(self, dashboard):
        self.browser.run("document.querySelector('#series').open = true")
        bars = self.rows("#series-table")
        self.assertEqual(sum(int(bar[1]) for bar in bars), dashboard["summary"]["totalActivity"])
        self.assertEqual(len(bars), self.browser.run("return document.querySelectorAll('#bars > g').length"))
        for bar in bars:
            self.assertEqual(int(bar[1]), sum(int(cell) for cell in bar[2:]))

    def test_changes_compare_whole_hours(self):
        self.open_with_figures("?days=14")

        def is_shown():
            now, before = (self.events_between(14, 0), self.events_between(28, 14))
            shown = re.search(r"([\d.]+)% against ([\d,]+) before", self.text("#totals-list"))
            return shown and shown[2] == f"{before:,}" and abs(float(shown[1]) - 100 * abs(now / before - 1)) < 0.051

        wait_for("the change that SQL says", is_shown)

    def events_between(self, first, last):
        """Rows from so many days ago to so many days ago, both at the last whole hour."""
        return int(self.daemon.ask(f"""SELECT count(*) FROM directus_activity
            WHERE "timestamp" >= date_trunc('hour', now()) - interval '{first} days'
              AND "timestamp" < date_trunc('hour', now()) - interval '{last} days'"""))

    def test_names_are_text_whatever_they_are(self):
        self.open_with_figures("?days=1")
        self.browser.click("#collections [data-key=expander]")
        names = wait_for("all collections", lambda: [row[0] for row in self.rows("#collections") if row[0] == MARKUP])
        self.assertEqual(names, [MARKUP])
        self.assertEqual(self.browser.run("return document.images.length"), 0)

    def test_windows_are_kept_in_the_address(self):
        self.open_with_figures("?days=7")
        self.browser.click("#windows [value='30']")
        wait_for("30 days", lambda: self.figure("events") == self.summary(30))
        self.assertIn("days=30", self.browser.address)
        self.browser.back()
        wait_for("7 days again", lambda: self.figure("events") == self.summary(7))
        self.assertIn("days=7", self.browser.address)
        self.open_with_figures("?days=13")
        self.assertEqual(self.figure("events"), self.summary(13))
        self.assertTrue(self.browser.run("return document.querySelector(\"#windows [value='13']\").checked"))

    def summary(self, days):
        return self.daemon.get(f"dashboard?days={days}")["summary"]["totalActivity"]

    def test_a_user_can_be_looked_at(self):
        self.open_with_figures("?days=30")
        user = self.text("#users .link")
        self.browser.click("#users .link")
        expected = self.daemon.get(f"users/{user}?days=30")
        wait_for("the user", lambda: self.figure("profile-events") == expected["summary"]["count"])
        self.assertEqual(urllib.parse.parse_qs(urllib.parse.urlsplit(self.browser.address).query)["user"], [user])
        shown = [[name, int(count)] for name, count in self.rows("#user-body section:first-of-type")]
        self.assertEqual(shown, [[row["collection"], row["count"]] for row in expected["byCollection"]])
        self.browser.screenshot(f"{SCREENSHOTS}/page-user.png")
        self.browser.press(ESCAPE)
        wait_for("the panel to close", lambda: not self.is_visible("#user"))
        self.assertNotIn("user=", self.browser.address)
        self.assertEqual(self.focused(), user)

    def test_an_unknown_user_is_said_to_be_unknown(self):
        self.expected = NOT_FOUND
        self.open("?days=7&user=00000000-0000-4000-8000-000000000000")
        wait_for("the reason", lambda: "was ever seen" in self.text("#user-body"))

    def test_exports_what_is_shown(self):
        self.open_with_figures("?days=7")
        self.browser.click("#collections [data-key=expander]")
        collections = self.daemon.get("collections?days=7")
        wait_for("all collections", lambda: len(self.rows("#collections")) == len(collections))
        with open(self.exported("#collections", "CSV"), newline="", encoding="utf-8") as file:
            text = file.read()
        rows = list(csv.DictReader(text.splitlines()))
        self.assertEqual([int(row["count"]) for row in rows], [row["count"] for row in collections])
        names = {row["collection"] for row in rows}
        self.assertLessEqual({f"'{FORMULA}", MARKUP, QUOTED}, names)
        self.assertNotIn(FORMULA, names)
        self.assertEqual(text.count("\r\n"), len(rows) + 1)
        with open(self.exported("#collections", "JSON"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["rows"], collections)

    def test_exports_the_series(self):
        self.open_with_figures("?days=1")
        with open(self.exported("#activity", "CSV"), newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(sum(int(row["total"]) for row in rows), self.summary(1))

    def exported(self, panel, kind):
        for path in glob.glob(f"{self.downloads}/*"):
            os.remove(path)
        self.browser.click(f"{panel} [data-key$='-{kind}']")
        return wait_for("the download", lambda: glob.glob(f"{self.downloads}/*.{kind.lower()}"))[0]

    def test_hidden_actions_leave_the_chart(self):
        self.open_with_figures("?days=7")
        action = self.daemon.get("actions?days=7")[0]
        self.browser.click(f"#legend [data-key='legend-{action['action']}']")
        self.browser.run("document.querySelector('#series').open = true")
        wait_for("the rest", lambda: sum(int(bar[1]) for bar in self.rows("#series-table"))
                 == self.summary(7) - action["count"])

    def test_pointing_at_a_bar_shows_its_values(self):
        self.open_with_figures("?days=1")
        self.browser.point_at("#chart", 0.98)
        newest = self.rows("#series-table")[0]
        wait_for("the values", lambda: f"{int(newest[1]):,} event" in self.text("#tip"))

    def test_themes_follow_the_system_until_one_is_chosen(self):
        background = "return getComputedStyle(document.body).backgroundColor"
        self.open_with_figures()
        light = self.browser.run(background)
        self.browser.screenshot(f"{SCREENSHOTS}/page-light.png")
        self.browser.prefer("dark")
        dark = wait_for("darkness", lambda: self.browser.run(background) != light and self.browser.run(background))
        self.browser.screenshot(f"{SCREENSHOTS}/page-dark.png")
        self.browser.click("#theme")
        self.assertEqual(self.browser.run(background), light)
        self.open_with_figures()
        self.assertEqual(self.browser.run(background), light)
        self.browser.click("#theme")
        self.assertEqual(self.browser.run(background), dark)
        self.browser.click("#theme")
        self.assertEqual(self.text("#theme-name"), "auto")

    def test_texts_and_series_have_contrast(self):
        pairs = [(text, ground, 4.5) for text in ("--ink", "--muted", "--accent") for ground in ("--panel", "--page")]
        pairs += [(name, f"{name}-tint", 4.5) for name in ("--warning", "--danger")]
        pairs += [("--on-accent", "--accent", 4.5), ("--muted", "--raised", 4.5), ("--good", "--panel", 3)]
        pairs += [(f"--series-{slot}", "--panel", 3) for slot in range(9)]
        for scheme in ("light", "dark"):
            self.browser.prefer(scheme)
            self.open_with_figures()
            for text, ground, least in pairs:
                with self.subTest(scheme=scheme, text=text, ground=ground):
                    self.assertGreaterEqual(contrast(self.colour(text), self.colour(ground)), least)

    def colour(self, variable):
        return self.browser.run("""
            const probe = document.body.appendChild(document.createElement("i"));
            probe.style.color = `var(${arguments[0]})`;
            const colour = getComputedStyle(probe).color;
            probe.remove();
            return colour.match(/\\d+/g).map(Number);
            """, variable)

    def test_everything_can_be_done_by_keyboard(self):
        self.open_with_figures("?days=7")
        self.browser.press(TAB)
        self.assertEqual(self.focused(), "Skip to the figures")
        self.browser.press(TAB, RIGHT)
        wait_for("14 days", lambda: "days=14" in self.browser.address)
        self.browser.press(LEFT)
        wait_for("7 days", lambda: "days=7" in self.browser.address)
        self.browser.run("document.querySelector('#chart').focus()")
        self.browser.press(LEFT)
        newest = self.text("#tip")
        self.browser.press(LEFT)
        self.assertNotEqual(self.text("#tip"), newest)
        self.browser.press(ESCAPE)
        self.assertFalse(self.is_visible("#tip"))
        user = self.text("#users .link")
        self.browser.run("document.querySelector('#users .link').focus()")
        self.browser.press(ENTER)
        wait_for("the user", lambda: self.is_visible("#user"))
        self.assertEqual(self.text("#user-title"), user)

    def test_whatever_takes_the_focus_has_a_name(self):
        self.open_with_figures("?days=7")
        nodes = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
        nodes = [node for node in nodes if not node["ignored"]]
        roles = {"button", "radio", "textbox", "link", "region", "image", "heading", "columnheader", "rowheader"}
        nameless = [node for node in nodes
                    if node["role"]["value"] in roles and not node.get("name", {}).get("value")]
        self.assertEqual(nameless, [])
        found = {node["role"]["value"] for node in nodes}
        self.assertLessEqual({"banner", "main", "contentinfo", "heading", "table", "columnheader", "rowheader"}, found)

    def test_fits_phones_and_wide_screens(self):
        for width, is_phone in ((320, True), (390, True), (768, False), (1024, False), (2560, False)):
            with self.subTest(width=width):
                self.browser.resize(width, 900, is_phone)
                self.open_with_figures("?days=7")
                self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)
                if width == 390:
                    self.browser.screenshot(f"{SCREENSHOTS}/page-phone.png")

    def test_asks_nobody_but_its_own_server(self):
        self.open_with_figures()
        names = self.browser.run("return performance.getEntriesByType('resource').map(entry => entry.name)")
        self.assertTrue(names)
        self.assertEqual([name for name in names if not name.startswith(self.daemon.url("/api/"))], [])

    def test_asks_again_with_the_tag_it_has(self):
        self.open_with_figures("?days=7")
        wait_for("two rounds", lambda: self.browser.run("""
            return performance.getEntriesByType("resource").filter(({name, responseStatus}) =>
                name.endsWith("dashboard?days=7") && responseStatus === 304).length > 1"""))

    def test_says_that_data_is_stale(self):
        self.open_with_figures()
        self.assertFalse(self.is_visible("#banner"))
        self.daemon.command("jobs", "pause", "precompute")
        self.addCleanup(self.daemon.command, "jobs", "resume", "precompute")
        wait_for("the banner", lambda: self.is_visible("#banner") and "three intervals" in self.text("#banner"), 30)
        self.assertEqual(self.browser.run("return document.querySelector('#freshness').dataset.state"), "stale")
        self.daemon.command("jobs", "resume", "precompute")
        wait_for("fresh data", lambda: not self.is_visible("#banner"), 30)


class LivePage(PageTest):
    """While something happens."""

    def test_updates_by_itself(self):
        self.open_with_figures("?days=1")
        before = self.figure("events")
        self.browser.run("window.isSamePage = true")
        self.daemon.insert(7, action="create", collection="live")
        wait_for("the new rows", lambda: self.figure("events") == before + 7)
        self.assertTrue(self.browser.run("return window.isSamePage"))

    def test_keeps_the_focus_while_it_updates(self):
        self.open_with_figures("?days=1")
        self.browser.run("document.querySelector('#users .link').focus()")
        user, before = self.focused(), self.figure("events")
        self.daemon.insert(3)
        wait_for("the new rows", lambda: self.figure("events") == before + 3)
        self.assertEqual(self.focused(), user)

    def test_shows_alerts_as_they_fire(self):
        self.open_with_figures("?days=1")
        wait_for("the stream", lambda: self.text("#alerts-text") == "Live")
        user = "7a1f3c52-0000-4000-8000-5ca1ab1e0001"
        self.daemon.insert(40, action="delete", collection="articles", user=user)

        def is_shown():
            return user in self.text("#alerts-list")

        wait_for("the alert", is_shown)
        self.assertIn("Mass delete", self.text("#announcement"))
        self.assertRegex(self.text("#alerts-title"), r"Alerts \(\d+\)")
        self.browser.screenshot(f"{SCREENSHOTS}/page-alerts.png")
        self.open_with_figures("?days=1")
        wait_for("the alert after a reload", is_shown)

    def test_many_tabs_do_not_starve_each_other(self):
        """A browser opens six connections to a server, and an open stream keeps one."""
        self.addCleanup(self.browser.close_other_tabs)
        self.open_with_figures("?days=1")
        for _ in range(8):
            self.browser.open_tab(self.daemon.url("/?days=1"))
            wait_for("figures", lambda: self.is_visible("#totals"))
            wait_for("the stream", lambda: self.text("#alerts-text") == "Live")

    def test_survives_a_restart_of_the_daemon(self):
        self.expected = UNREACHABLE
        self.open_with_figures("?days=7")
        events = self.figure("events")
        self.daemon.stop()
        wait_for("the banner", lambda: self.is_visible("#banner") and "Out of touch" in self.text("#banner-text"))
        self.assertEqual(self.figure("events"), events)
        self.browser.screenshot(f"{SCREENSHOTS}/page-offline.png")
        self.daemon.start()
        self.browser.click("#retry")
        wait_for("the banner to go", lambda: not self.is_visible("#banner"), 30)
        wait_for("the stream", lambda: self.text("#alerts-text") == "Live", 30)
        before = self.figure("events")
        self.daemon.insert(5)
        wait_for("new rows", lambda: self.figure("events") == before + 5)


class ClosedPage(PageTest):
    """With tokens."""

    @classmethod
    def setUpClass(cls):
        tokens = [json.loads(activityd("token", "create", "--id", name, "--scope", scope, "--json"))
                  for name, scope in (("reader", "read"), ("reporter", "ingest"))]
        cls.reader, cls.reporter = (token["token"] for token in tokens)
        cls.settings = {"ACTIVITYD_HTTP_TOKENS": ",".join(token["configuration"] for token in tokens)}
        super().setUpClass()

    def setUp(self):
        super().setUp()
        self.expected = r"status of 40[13]"
        self.open()
        self.browser.run("sessionStorage.clear()")
        self.open()
        wait_for("the question", lambda: self.is_visible("#sign-in"))

    def sign_in(self, token):
        self.browser.type("#token", token + ENTER)

    def test_asks_for_a_token_and_remembers_it(self):
        self.assertFalse(self.is_visible("#totals"))
        self.assertEqual(self.focused(), "token")
        self.browser.screenshot(f"{SCREENSHOTS}/page-sign-in.png")
        self.sign_in(self.reader)
        wait_for("figures", lambda: self.is_visible("#totals"))
        self.assertFalse(self.is_visible("#sign-in"))
        self.assertNotIn("actd_", self.browser.address)
        self.open_with_figures("?days=30")
        self.browser.click("#forget")
        wait_for("the question", lambda: self.is_visible("#sign-in"))
        self.assertFalse(self.is_visible("#totals"))

    def test_says_what_is_wrong_with_a_token(self):
        self.sign_in("actd_nobody_00000000000000000000000000000000")
        wait_for("the reason", lambda: "not known" in self.text("#sign-in-text"))
        self.sign_in(self.reporter)
        wait_for("the reason", lambda: "does not allow reading" in self.text("#sign-in-text"))

    def test_alerts_are_followed_with_the_token(self):
        self.sign_in(self.reader)
        wait_for("the stream", lambda: self.text("#alerts-text") == "Live")


class VacantPage(PageTest):
    """Beside a Directus in which nothing has happened yet."""

    database = "vacant"

    def test_says_that_there_is_nothing_and_then_shows_what_comes(self):
        self.open("?days=7")
        wait_for("the word", lambda: "No activity in 7 days" in self.text("#nothing"))
        self.assertFalse(self.is_visible("#totals"))
        self.daemon.insert(2)
        wait_for("figures", lambda: self.is_visible("#totals") and self.figure("events") == 2)
        self.assertFalse(self.is_visible("#nothing"))


def contrast(left, right):
    """As WCAG 2.2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    light, dark = sorted((luminance(left), luminance(right)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
              for value in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


if __name__ == "__main__":
    unittest.main()
