"""Measures one size of history, both sides in turn, and compares their answers."""

import argparse
import json
import os
import statistics
import time
from datetime import datetime, timedelta

from daemon import Daemon
from predecessor import Predecessor, Variant
from servers import Psql, Redis, resident_bytes

ROUNDS = 7
# At 10 million rows one round of the predecessor takes minutes.
PREDECESSOR_ROUNDS = {100_000: 5, 1_000_000: 3}
NEW_ROWS = 1_000
COMPARED = [
    Variant("dashboard:7d", "dashboard", "7 days", period="7 days"),
    Variant("collections:7d", "collections", "7 days"),
    Variant("actions:7d", "actions", "7 days"),
    Variant("hourly:24h", "hourly", "24 hours"),
    Variant("hourly:24h:create", "hourly_of_action", "24 hours", action="create"),
    Variant("ips:7d", "ips", "7 days"),
    Variant("users:7d", "users", "7 days"),
    Variant("alerts:1h", "alerts", "1 hours", exact=True),
]


def say(text):
    print(f"==> {text}", flush=True)


def statement_seconds(admin, role):
    """What PostgreSQL says the statements of a role have taken since the last reset."""
    return float(admin.ask(
        "SELECT coalesce(sum(total_exec_time), 0) / 1000 FROM pg_stat_statements "
        f"WHERE userid = '{role}'::regrole;"))


def measure_predecessor(predecessor, admin, rows):
    rounds = PREDECESSOR_ROUNDS.get(rows, 5 if rows < 300_000 else 3 if rows < 3_000_000 else 2)
    say(f"predecessor: {len(predecessor.variants)} variants, {rounds} rounds")
    warms, views, database = [], [], []
    for number in range(rounds):
        admin.ask("SELECT FROM pg_stat_statements_reset();")
        seconds, taken = predecessor.warm()
        warms.append(seconds)
        database.append(statement_seconds(admin, "directus"))
        views.append(predecessor.refresh_views())
        slowest = max(taken, key=taken.get)
        say(f"  round {number + 1}: {seconds:.2f} s (slowest {slowest} {taken[slowest]:.2f} s), views {views[-1]:.2f} s")
    return {
        "warmSeconds": statistics.median(warms),
        "viewsSeconds": statistics.median(views),
        "postgresSeconds": statistics.median(database),
        "rounds": rounds,
        "variants": len(predecessor.variants),
    }


def moment(text):
    return datetime.fromisoformat(text)


def measure_activityd(daemon, directus, admin, redis, options):
    trickle = os.path.join(options.project, "sql/sample/trickle.sql")

    def published_through(newest, minimum_generation=0):
        """The generation in Redis once it counts the newest row."""
        fields = redis.command("HMGET", "activity:generation", "generation", "dataThrough")
        if None in fields or moment(fields[1].decode()) < newest or int(fields[0]) <= minimum_generation:
            return None
        return int(fields[0])

    def newest_row():
        # In milliseconds, which is what Directus writes and what documents say.
        return moment(directus.ask(
            "SELECT to_char(max(\"timestamp\") AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') "
            "FROM directus_activity;"))

    started = time.monotonic()
    daemon.wait_for("the first feed", lambda: published_through(newest_row()), 120 + options.rows / 5_000)
    first_feed = time.monotonic() - started
    say(f"activityd: first feed and generation after {first_feed:.1f} s; {ROUNDS} rounds of {NEW_ROWS} new rows")

    rounds = []
    for number in range(ROUNDS + 1):
        # A size of its own tells this round's batch from the one before.
        size = NEW_ROWS + number
        before = int(redis.command("HGET", "activity:generation", "generation"))
        admin.ask("SELECT FROM pg_stat_statements_reset();")
        directus.run_file(trickle, rows=size)
        newest = newest_row()
        generation = daemon.wait_for("the new rows", lambda: published_through(newest, before), 60)

        def settled():
            health = daemon.health()
            components = health["components"]
            is_this = (components["feed"]["lastBatch"]["rows"] == size
                       and components["precompute"]["generation"] >= generation)
            return health if is_this else None

        health = daemon.wait_for("/api/health to show the batch", settled, 30)
        refresh = health["components"]["precompute"]["lastRefresh"]
        feed = health["components"]["feed"]["lastBatch"]["seconds"]
        say(f"  round {number}: feed {feed * 1e3:.1f} ms, " + ", ".join(
            f"{step} {refresh[step] * 1e3:.1f} ms" for step in ("load", "render", "publish", "total"))
            + f", {refresh['documents']} documents")
        rounds.append(dict(
            refresh, feed=feed, postgres=statement_seconds(admin, "activityd"),
            residentBytes=health["process"]["residentBytes"]))

    # The first round only settles caches.
    measured = rounds[1:]

    def median(field):
        return statistics.median(one[field] for one in measured)

    return {
        "firstFeedSeconds": first_feed,
        "feedSeconds": median("feed"),
        "loadSeconds": median("load"),
        "renderSeconds": median("render"),
        "publishSeconds": median("publish"),
        "refreshSeconds": statistics.median(
            one["feed"] + one["load"] + one["render"] + one["publish"] for one in measured),
        "documents": median("documents"),
        "postgresSeconds": median("postgres"),
        "residentBytes": int(median("residentBytes")),
        "peakResidentBytes": resident_bytes(daemon.process.pid, "VmHWM"),
        "rounds": ROUNDS,
    }


def comparable(value):
    """The same value with moments as milliseconds, whatever number of digits they were written with."""
    if isinstance(value, dict):
        return {key: comparable(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [comparable(entry) for entry in value]
    if isinstance(value, str) and len(value) >= 20 and value.endswith("Z") and value[10:11] == "T":
        return round(moment(value).timestamp() * 1000)
    return value


def difference(path, ours, theirs):
    """The first place where two documents differ, in words, or None."""
    if type(ours) is not type(theirs):
        return f"{path}: {ours!r}, expected {theirs!r}"
    if isinstance(ours, dict):
        if ours.keys() != theirs.keys():
            return f"{path}: fields {sorted(ours)}, expected {sorted(theirs)}"
        return next(filter(None, (difference(f"{path}.{key}", ours[key], theirs[key]) for key in ours)), None)
    if isinstance(ours, list):
        if len(ours) != len(theirs):
            return f"{path}: {len(ours)} entries, expected {len(theirs)}"
        return next(filter(None, (difference(f"{path}[{i}]", *both) for i, both in enumerate(zip(ours, theirs)))), None)
    return None if ours == theirs else f"{path}: {ours!r}, expected {theirs!r}"


def compare(variant, predecessor, redis):
    """Asks the raw table for the window that our document says it has."""
    document = json.loads(redis.command("GET", "activity:" + variant.key))
    begin, end = document["meta"]["from"], document["meta"]["to"]
    if not variant.exact:
        count, unit = variant.window.split()
        end = (moment(begin) + timedelta(**{unit: int(count)}) + timedelta(hours=1)).isoformat()
    expected = json.loads(predecessor.answer(variant, begin, end))
    return difference(variant.key, comparable(document["data"]), comparable(expected))


def compare_all(predecessor, redis):
    """Variants that differ. A refresh may fall between the two questions, so each may be asked thrice."""
    differing = []
    for variant in COMPARED:
        for attempt in range(3):
            found = compare(variant, predecessor, redis)
            if found is None:
                break
            if attempt < 2:
                time.sleep(11)
        say(f"  {variant.key}: {found or 'equal'}")
        if found:
            differing.append(variant.key)
    return differing


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--side", choices=("both", "predecessor", "activityd"), required=True)
    parser.add_argument("--port", type=int, required=True)
    for name in ("scratch", "psql", "activityd", "project", "result"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()

    admin = Psql(options.psql, options.scratch, "postgres")
    directus = Psql(options.psql, options.scratch, "directus")
    redis = Redis(os.path.join(options.scratch, "redis.sock"))
    predecessor = Predecessor(directus, redis)
    for session in (admin, directus):
        session.ask("SET timezone = 'UTC';")

    result = {"rows": options.rows}
    if options.side != "activityd":
        result["predecessor"] = measure_predecessor(predecessor, admin, options.rows)
    if options.side != "predecessor":
        daemon = Daemon(options)
        try:
            result["activityd"] = measure_activityd(daemon, directus, admin, redis, options)
            say("comparing answers")
            result["differing"] = compare_all(predecessor, redis)
        finally:
            daemon.stop()
    with open(options.result, "w", encoding="utf-8") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
