"""How long it takes from the commit of rows that give an attack away to the alert at a subscriber."""

import argparse
import json
import os
import random
import statistics
import time
import uuid

import redis

from daemon import Daemon
from servers import Psql

CHANNEL, ALERT_TYPE = "activity:alerts", "MASS_DELETE"
DELETES = 20
# Until an alert is given up, and between two: anything from nothing to more than one interval of ingest.
PATIENCE, PAUSE = 30, 3

ATTACK = """
INSERT INTO directus_activity (action, "user", "timestamp", ip, user_agent, collection, item)
SELECT 'delete', '{user}', now(), '203.0.113.7', 'benchmark', 'articles', n::text FROM generate_series(1, {count}) AS n;
"""


def say(text):
    print(f"==> {text}", flush=True)


class Latency:
    def __init__(self, options):
        self.options = options
        self.directus = Psql(options.psql, options.scratch, "directus")
        self.channel = redis.Redis(unix_socket_path=os.path.join(options.scratch, "redis.sock"),
                                   decode_responses=True).pubsub(ignore_subscribe_messages=True)
        self.daemon = None

    def alert(self, user, deadline):
        """The moment at which the alert about this user is received; None when it is not in time."""
        while time.monotonic() < deadline:
            message = self.channel.get_message(timeout=1)
            if not message:
                continue
            data = json.loads(message["data"]).get("data", {})
            if data.get("alertType") == ALERT_TYPE and data.get("userId") == user and data.get("status") == "firing":
                return time.monotonic()
        return None

    def sample(self):
        time.sleep(random.uniform(0, PAUSE))
        user = str(uuid.uuid4())
        # One statement is one transaction. The clock starts before it, so that the commit itself counts.
        began = time.monotonic()
        self.directus.ask(ATTACK.format(user=user, count=DELETES))
        received = self.alert(user, began + PATIENCE)
        if received is None:
            self.daemon.give_up(f"no {ALERT_TYPE} within {PATIENCE} s")
        return received - began

    def run(self):
        self.channel.subscribe(CHANNEL)
        self.channel.get_message(timeout=5)
        self.daemon = Daemon(self.options)
        try:
            self.daemon.wait_for(
                "the first feed", lambda: self.daemon.health()["components"]["feed"]["caughtUp"] or None, 60)
            # The first settles caches.
            self.sample()
            seconds = sorted(self.sample() for _ in range(self.options.samples))
        finally:
            self.daemon.stop()
        return {
            "samples": len(seconds),
            "p50": statistics.median(seconds),
            "p99": seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))],
            "max": seconds[-1],
        }


def main():
    parser = argparse.ArgumentParser()
    for name in ("events", "rounds", "samples", "port"):
        parser.add_argument("--" + name, type=int, required=True)
    for name in ("scratch", "psql", "activityd", "result"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    say(f"{options.samples} alerts, about {options.samples * 2.5:.0f} s")
    result = Latency(options).run()
    with open(options.result, "w", encoding="utf-8") as file:
        json.dump({"latencySeconds": result}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
