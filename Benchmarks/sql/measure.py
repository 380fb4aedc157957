"""Measures one length of history: refreshes and functions of both sides in turn, and whether their answers agree."""

import argparse
import json
import statistics
import time
from collections import defaultdict

from daemon import Daemon
from servers import Psql

ROUNDS = 5
NEW_ROWS = 1_000
# The daemon's jobs, by the view that they refresh; the predecessor's views have the same names in its schema.
REFRESHES = {
    "mv_activity_hourly_stats": "refresh-hourly-stats",
    "mv_activity_daily_summary": "refresh-daily-summary",
    "mv_activity_collection_stats": "refresh-collection-stats",
}
FUNCTIONS = ("get_ip_activity_stats", "get_user_engagement_metrics", "detect_activity_anomalies")
# Whatever else would start in the middle of a round; refreshes are asked for.
SETTINGS = ["jobs.reconcile.enabled=false", *(f"jobs.{job}.schedule=@yearly" for job in REFRESHES.values())]


def say(text):
    print(f"==> {text}", flush=True)


def seconds_of(action):
    started = time.monotonic()
    action()
    return time.monotonic() - started


class Activityd:
    """Our side: facts, which the feed keeps, views and functions over them."""

    def __init__(self, options, admin):
        self.admin = admin
        self.person = Psql(options.psql, options.scratch, "activityd")
        self.daemon = Daemon(options, SETTINGS)

    def wait_for_first_refresh(self, seconds):
        """The daemon fills all views by itself when the facts are complete; gives the seconds by view."""
        def all_filled():
            taken = {view: self.last_run(job, "refreshed") for view, job in REFRESHES.items()}
            return None if None in taken.values() else taken

        return self.daemon.wait_for("the first refresh of all views", all_filled, seconds)

    def feed_seconds(self, size):
        """What the feed took for the batch of this size, once it is in the facts."""
        def batch():
            last = self.daemon.health()["components"]["feed"]["lastBatch"]
            return last["seconds"] if last["rows"] == size else None

        return self.daemon.wait_for("the feed of new rows", batch, 60)

    def refresh_seconds(self, view):
        """The time between start and end that the daemon's own history has."""
        self.daemon.command("jobs", "run", REFRESHES[view])
        taken = self.last_run(REFRESHES[view], "refreshed concurrently")
        if taken is None:
            self.daemon.give_up(f"{REFRESHES[view]} has not refreshed {view} concurrently")
        return taken

    def last_run(self, job, result):
        """Seconds of the job's newest run if it has ended with that result, else None."""
        answer = self.admin.ask(
            "SELECT extract(epoch FROM finished_at - started_at) FROM ("
            f"SELECT * FROM activity.job_run WHERE job = '{job}' ORDER BY id DESC LIMIT 1) AS newest "
            f"WHERE status = 'succeeded' AND result = '{result}';")
        return float(answer) if answer else None

    def call_seconds(self, function):
        return seconds_of(lambda: self.person.ask(f"SELECT * FROM activity.{function}();"))


class Predecessor:
    """Its side: views and functions over the raw table."""

    def __init__(self, directus):
        self.directus = directus

    def refresh_seconds(self, view):
        return seconds_of(lambda: self.directus.ask(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view};"))

    def call_seconds(self, function):
        return seconds_of(lambda: self.directus.ask(f"SELECT * FROM {function}();"))


class Measurement:
    def __init__(self, options):
        self.options = options
        self.admin = Psql(options.psql, options.scratch, "postgres")
        self.directus = Psql(options.psql, options.scratch, "directus")
        for session in (self.admin, self.directus):
            session.ask("SET timezone = 'UTC';")
        self.ours, self.theirs = Activityd(options, self.admin), Predecessor(self.directus)
        self.taken = {"activityd": defaultdict(list), "predecessor": defaultdict(list)}

    def measure(self):
        first = self.ours.wait_for_first_refresh(120 + self.options.rows / 5_000)
        say("activityd: first refresh of all views at once, beside the first documents: "
            + ", ".join(f"{view} {seconds:.2f} s" for view, seconds in first.items()))
        # As autovacuum would in a minute or two.
        self.admin.ask("VACUUM (ANALYZE);")
        number, hour = 0, None
        # Once more when the hour has turned meanwhile, for windows begin on whole hours.
        while number <= ROUNDS or self.hour() != hour:
            hour = self.hour()
            self.round(number)
            number += 1
        say("comparing answers")
        return {
            "rows": self.options.rows,
            "firstRefreshSeconds": first,
            # The first round only settles caches.
            **{side: {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}
               for side, taken in self.taken.items()},
            "differing": [name for name in (*REFRESHES, *FUNCTIONS) if self.differs(name)],
            "rounds": number - 1,
        }

    def hour(self):
        return self.admin.ask("SELECT date_trunc('hour', now());")

    def round(self, number):
        # A size of its own tells this round's batch from the one before.
        size = NEW_ROWS + number
        self.directus.run_file(f"{self.options.project}/sql/sample/trickle.sql", rows=size)
        self.taken["activityd"]["feed"].append(self.ours.feed_seconds(size))
        for name in (*REFRESHES, *FUNCTIONS):
            for side, peer in (("activityd", self.ours), ("predecessor", self.theirs)):
                self.taken[side][name].append(
                    peer.refresh_seconds(name) if name in REFRESHES else peer.call_seconds(name))
        say(f"round {number}: " + ", ".join(
            f"{side} {sum(seconds[-1] for seconds in taken.values()):.2f} s" for side, taken in self.taken.items()))

    def differs(self, name):
        """Whether the two sides have other rows, asked in one statement, so that now() and the rows are the same."""
        call = name if name in REFRESHES else f"{name}()"
        ours, theirs = f"SELECT * FROM activity.{call}", f"SELECT * FROM public.{call}"
        rows, differing = self.admin.ask(
            f"SELECT (SELECT count(*) FROM ({ours}) AS ours), count(*) FROM ("
            f"({ours} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {ours})) AS differing;").split("|")
        say(f"  {name}: {rows} rows, {'equal' if differing == '0' else differing + ' differ'}")
        return differing != "0"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--port", type=int, required=True)
    for name in ("scratch", "psql", "activityd", "project", "result"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    measurement = Measurement(options)
    try:
        result = measurement.measure()
    finally:
        measurement.ours.daemon.stop()
    with open(options.result, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
