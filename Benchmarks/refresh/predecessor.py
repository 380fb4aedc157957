"""The repaired predecessor: every variant it warms is one query on the raw table, written to Redis as JSON."""

import os
import time

DAYS = (1, 7, 14, 30, 90)
HOURS = (24, 48, 168)
ALERT_HOURS = (1, 6, 24)
VIEWS = ("mv_activity_hourly_stats", "mv_activity_daily_summary", "mv_activity_collection_stats")
TTL_SECONDS = 3600


class Variant:
    """One document: its key, its query, and its window in words that PostgreSQL understands."""

    def __init__(self, key, query, window, exact=False, **variables):
        self.key, self.query, self.window, self.exact, self.variables = key, query, window, exact, variables


def variants(actions):
    """All that the predecessor warms, named as the documents of activityd are."""
    for days in DAYS:
        window = f"{days} days"
        yield Variant(f"dashboard:{days}d", "dashboard", window, period=window)
        for name in ("collections", "actions", "ips", "users"):
            yield Variant(f"{name}:{days}d", name, window)
    for hours in HOURS:
        yield Variant(f"hourly:{hours}h", "hourly", f"{hours} hours")
        for action in actions:
            yield Variant(f"hourly:{hours}h:{action}", "hourly_of_action", f"{hours} hours", action=action)
    for hours in ALERT_HOURS:
        yield Variant(f"alerts:{hours}h", "alerts", f"{hours} hours", exact=True)


class Predecessor:
    def __init__(self, psql, redis):
        self.psql, self.redis = psql, redis
        self.queries = os.path.join(os.path.dirname(os.path.abspath(__file__)), "queries")
        actions = psql.ask("SELECT DISTINCT action FROM directus_activity ORDER BY action;").split("\n")
        self.variants = list(variants(actions))

    def answer(self, variant, begin, end):
        """The document as JSON, for the window [begin, end)."""
        path = os.path.join(self.queries, variant.query + ".sql")
        return self.psql.run_file(path, **{"from": begin, "to": end}, **variant.variables)

    def warm(self):
        """Seconds that warming everything takes, and the slowest variants with theirs."""
        taken = {}
        bounds = {variant.key: self._bounds(variant) for variant in self.variants}
        started = time.monotonic()
        for variant in self.variants:
            since = time.monotonic()
            document = self.answer(variant, *bounds[variant.key])
            self.redis.command("SET", "predecessor:" + variant.key, document, "EX", TTL_SECONDS)
            taken[variant.key] = time.monotonic() - since
        return time.monotonic() - started, taken

    def refresh_views(self):
        """Seconds that refreshing the three materialized views takes."""
        started = time.monotonic()
        for view in VIEWS:
            self.psql.ask(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view};")
        return time.monotonic() - started

    def _bounds(self, variant):
        now = "date_trunc('second', now())" if variant.exact else "date_trunc('hour', now())"
        end = now if variant.exact else f"{now} + interval '1 hour'"
        return self.psql.ask(f"SELECT {now} - interval '{variant.window}', {end};").split("|")
