"""Starts both sides in turn, watches the idle daemon, prints a table and, last, one JSON object."""

import argparse
import json
import os
import socket
import statistics
import time
import urllib.request

from daemon import Daemon
from predecessor import Predecessor
from servers import Psql, Redis, cpu_seconds, resident_bytes

MEBIBYTE = 1024 * 1024


class Supervisor:
    """The service manager's end of NOTIFY_SOCKET."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)

    def wait_until_ready(self, seconds):
        deadline = time.monotonic() + seconds
        while True:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            if b"READY=1" in self.socket.recv(4096).split(b"\n"):
                return

    def forget(self):
        """Drops what the last daemon has said."""
        self.socket.settimeout(0)
        try:
            while self.socket.recv(4096):
                pass
        except BlockingIOError:
            pass


def total(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/activity/dashboard?days=90", timeout=10) as answer:
        return json.load(answer)["data"]["summary"]["totalActivity"]


def start(daemon, supervisor, rows):
    """Seconds until READY; what is served then is whole."""
    supervisor.forget()
    begun = time.monotonic()
    daemon.start()
    supervisor.wait_until_ready(60)
    seconds = time.monotonic() - begun
    served = total(daemon.port)
    if served != rows:
        daemon.give_up(f"ready, and yet {served} of {rows} rows are counted")
    return seconds


def stop(daemon):
    begun = time.monotonic()
    daemon.stop()
    return time.monotonic() - begun


def watch_idle(daemon, seconds):
    """The share of one core, in percent, that the daemon takes with its default jobs and no new rows."""
    # What the start leaves to do is no idleness.
    time.sleep(20)
    before = cpu_seconds(daemon.process.pid)
    time.sleep(seconds)
    return 100 * (cpu_seconds(daemon.process.pid) - before) / seconds


def main():
    parser = argparse.ArgumentParser()
    for name in ("rows", "rounds", "idle", "port"):
        parser.add_argument("--" + name, type=int, required=True)
    for name in ("scratch", "psql", "activityd"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()

    directus = Psql(options.psql, options.scratch, "directus")
    directus.ask("SET timezone = 'UTC';")
    predecessor = Predecessor(directus, Redis(os.path.join(options.scratch, "redis.sock")))
    daemon = Daemon(options, starts=False)
    supervisor = Supervisor(os.path.join(options.scratch, "notify.sock"))
    daemon.environment["NOTIFY_SOCKET"] = supervisor.path
    begun = time.monotonic()
    daemon.command("precompute", "--once")
    first = time.monotonic() - begun
    starts, warms, stops = [], [], []
    for number in range(options.rounds):
        warms.append(predecessor.warm()[0])
        starts.append(start(daemon, supervisor, options.rows))
        stops.append(stop(daemon))
        print(f"==> round {number + 1}: activityd ready after {starts[-1]:.2f} s, stopped within {stops[-1]:.2f} s; "
              f"predecessor warm after {warms[-1]:.2f} s", flush=True)
    start(daemon, supervisor, options.rows)
    print(f"==> watching the idle daemon for {options.idle} s", flush=True)
    idle = watch_idle(daemon, options.idle)
    resident = resident_bytes(daemon.process.pid, "VmRSS")
    daemon.stop()

    result = {
        "benchmark": "start", "rows": options.rows, "rounds": options.rounds,
        "firstRunSeconds": round(first, 2), "readySeconds": round(statistics.median(starts), 3),
        "stopSeconds": round(statistics.median(stops), 3), "predecessorSeconds": round(statistics.median(warms), 3),
        "idlePercentOfCore": round(idle, 2), "residentBytes": resident,
        "ratio": round(statistics.median(warms) / statistics.median(starts), 1),
    }
    print(f"""
{options.rows} rows of history, median of {options.rounds}
  activityd, first run over all rows     {first:8.2f} s, once
  activityd, ready with all dashboards   {result['readySeconds']:8.2f} s
  predecessor, its cache warm            {result['predecessorSeconds']:8.2f} s
  activityd, SIGTERM to its end          {result['stopSeconds']:8.2f} s
  activityd, idle                        {result['idlePercentOfCore']:8.2f} % of a core, {resident / MEBIBYTE:.0f} MiB
""")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
