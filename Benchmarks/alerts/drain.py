"""How long a backlog takes to reach a subscriber: by the daemon, and by loops as one would write them without it."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import redis

from daemon import Daemon
from servers import Psql, resident_bytes

STREAM, CHANNEL, LENGTH, CHUNK = "activity:alerts:stream", "activity:alerts", 100_000, 500

# Events as large as those of alerts are.
FILL = """
TRUNCATE activity.alert_outbox RESTART IDENTITY;
UPDATE activity.relay SET numbered = 0, delivered = 0;
INSERT INTO activity.alert_outbox (event_id, occurrence_id, event)
SELECT 'occurrence' || n || ':1', 'occurrence' || n, json_build_object(
    'specversion', '1.0', 'id', 'occurrence' || n || ':1', 'source', '/activityd/activity',
    'type', 'activityd.alert.firing', 'subject', 'brute-force', 'time', now(),
    'data', json_build_object(
        'status', 'firing', 'alertType', 'BRUTE_FORCE', 'severity', 'high', 'fingerprint', md5(n::text),
        'occurrenceId', 'occurrence' || n, 'startsAt', now(), 'rule', json_build_object('name', 'brute-force', 'version', 1),
        'ip', '203.0.113.' || n % 256, 'observed', 7, 'threshold', 5, 'score', 1.4, 'count', 7,
        'reason', '7 failed logins in 10 minutes', 'window', json_build_object('from', now(), 'to', now()),
        'evidence', json_build_object('activityIds', ARRAY(SELECT generate_series(n, n + 19)))))
FROM generate_series(1, {events}) AS n;
"""


def say(text):
    print(f"==> {text}", flush=True)


class Drain:
    def __init__(self, options):
        self.options = options
        self.socket = os.path.join(options.scratch, "redis.sock")
        self.redis = redis.Redis(unix_socket_path=self.socket)
        # The role of the daemon, which owns the tables.
        self.database = Psql(options.psql, options.scratch, "activityd")
        self.daemon = Daemon(options, starts=False)
        self.peak = 0

    def fill(self):
        self.redis.flushall()
        self.database.ask(FILL.format(events=self.options.events))
        self.database.ask("VACUUM ANALYZE activity.alert_outbox;")

    def measure(self, side):
        """Events a second until the subscriber has the last one and the stream too."""
        listener = subprocess.Popen(
            [sys.executable, os.path.join(os.path.dirname(__file__), "listener.py"), "--socket", self.socket,
             "--channel", CHANNEL, "--events", str(self.options.events)], stdout=subprocess.PIPE, text=True)
        try:
            listener.stdout.readline()
            started = time.time()
            side()
            heard = json.loads(listener.stdout.readline())
        finally:
            listener.kill()
            listener.wait()
        last = self.redis.xinfo_stream(STREAM)["last-generated-id"].decode()
        length = self.redis.xlen(STREAM)
        if heard["disorder"] or last != f"{self.options.events}-0" or length < min(LENGTH, self.options.events):
            raise RuntimeError(f"{heard['disorder']} events out of order, {length} in the stream, which ends with {last}")
        return self.options.events / (heard["last"] - started)

    def by_activityd(self):
        """From the start of the process on."""
        # The listener tells when it is over; the daemon is ended afterwards.
        self.daemon.start()

    def rows(self):
        self.database.ask("BEGIN; DECLARE events CURSOR FOR SELECT event FROM activity.alert_outbox ORDER BY id;")
        sequence = 0
        while True:
            rows = self.database.ask(f"FETCH {CHUNK} FROM events;").splitlines()
            if not rows:
                self.database.ask("COMMIT;")
                return
            chunk = []
            for row in rows:
                sequence += 1
                chunk.append((f"{sequence}-0", f'{row[:-1]},"sequence":"{sequence}"}}'))
            yield chunk

    def by_loop(self):
        for chunk in self.rows():
            for number, event in chunk:
                self.redis.xadd(STREAM, {"event": event}, id=number, maxlen=LENGTH, approximate=True)
                self.redis.publish(CHANNEL, event)

    def by_pipeline(self):
        for chunk in self.rows():
            with self.redis.pipeline(transaction=False) as pipeline:
                for number, event in chunk:
                    pipeline.xadd(STREAM, {"event": event}, id=number, maxlen=LENGTH, approximate=True)
                    pipeline.publish(CHANNEL, event)
                pipeline.execute()

    def run(self):
        rates = {"activityd": [], "loop": [], "pipeline": []}
        for number in range(self.options.rounds):
            for name, side in (("activityd", self.by_activityd), ("loop", self.by_loop), ("pipeline", self.by_pipeline)):
                self.fill()
                rates[name].append(self.measure(side))
                say(f"round {number + 1}: {name}: {rates[name][-1]:,.0f} events/s")
                if name == "activityd":
                    self.peak = max(self.peak, resident_bytes(self.daemon.process.pid, "VmHWM"))
                    self.daemon.stop()
        return {
            "events": self.options.events,
            "rounds": self.options.rounds,
            "eventsPerSecond": {name: statistics.median(values) for name, values in rates.items()},
            "peakResidentBytes": self.peak,
        }


def main():
    parser = argparse.ArgumentParser()
    for name in ("events", "rounds", "samples", "port"):
        parser.add_argument("--" + name, type=int, required=True)
    for name in ("scratch", "psql", "activityd", "result"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    say(f"{options.events:,} events, {options.rounds} rounds")
    result = Drain(options).run()
    with open(options.result, "w", encoding="utf-8") as file:
        json.dump({"drain": result}, file)
        file.write("\n")


if __name__ == "__main__":
    main()
