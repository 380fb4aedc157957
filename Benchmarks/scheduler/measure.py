"""Gives both schedulers the same jobs, one after the other, and reads in the jobs' own rows when they started."""

import argparse
import time

import report
from peers import Activityd, PgCron, Snapshot

MANY = 100
# Seconds of the minute. What a minute uses is read from WINDOW_BEGIN to WINDOW_END of the next: a server's process may
# keep its counts for ten seconds before all can see them.
SCHEDULE_UNTIL, WINDOW_BEGIN, WINDOW_END = 41, 53, 13
# The shortest interval runs while the other peer has its turn and nothing to do yet.
DRIFT_BEGIN, DRIFT_END = 15, 40


def say(text):
    print(f"==> {text}", flush=True)


def second_of_minute():
    return time.time() % 60


def wait_for_second(second):
    """Waits for the next time that the minute is so old."""
    time.sleep((second - second_of_minute()) % 60)


def wait_for_quiet():
    """Returns when a minute has so much left that jobs may be scheduled for the next."""
    if not WINDOW_END <= second_of_minute() < SCHEDULE_UNTIL:
        wait_for_second(WINDOW_END)


class Window:
    """What both peers used while one minute gave way to the next; call it before, and `close` it afterwards."""

    def __init__(self, peers):
        self.peers = peers
        wait_for_second(WINDOW_BEGIN)
        self.before = {peer.name: Snapshot(peer) for peer in peers}

    def close(self):
        """Returns by peer: seconds, CPU seconds, commits of its database, and writing transactions of the server."""
        wait_for_second(WINDOW_END)
        used = {}
        for peer in self.peers:
            before, after = self.before[peer.name], Snapshot(peer)
            used[peer.name] = {
                "seconds": after.time - before.time,
                "cpu": after.cpu_since(before),
                "commits": after.commits - before.commits,
                "writes": after.writes - before.writes,
            }
        return used


def lateness(starts):
    """Milliseconds after the minute, in order; there is but one minute that they can belong to."""
    if not starts:
        return []
    minute = min(at for _, at in starts) // 60 * 60
    return [(at - minute) * 1e3 for _, at in starts]


class Measurement:
    def __init__(self, options):
        self.ours, self.theirs = Activityd(options), None
        try:
            self.theirs = PgCron(options)
        except BaseException:
            self.ours.stop()
            raise
        self.peers = [self.ours, self.theirs]
        self.turns, self.stretches = [], []
        self.quiet = {}

    def measure(self, rounds):
        # One job stays for some minutes, as jobs do: its first run may find cold caches, the others need not.
        for peer in self.peers:
            self.turn(peer, 1, minutes=rounds + 1)
        for number in range(rounds):
            # Who goes first changes with each round.
            for peer in self.peers if number % 2 == 0 else reversed(self.peers):
                self.turn(peer, MANY, minutes=1)
        self.measure_quiet()

    def turn(self, peer, jobs, minutes):
        wait_for_quiet()
        peer.schedule("* * * * *", jobs)
        for minute in range(minutes):
            if peer is self.theirs and second_of_minute() < DRIFT_BEGIN - 0.5:
                self.stretch()
            used = Window(self.peers).close()
            is_last = minute == minutes - 1
            late = lateness(peer.clear() if is_last else peer.take_starts())
            self.turns.append({"peer": peer.name, "jobs": jobs, "lateness": late, "used": used})
            if len(late) != jobs:
                raise RuntimeError(f"{peer.name} started {len(late)} of {jobs} jobs")
            say(f"{peer.name}, {jobs} on one minute: first {late[0]:.1f} ms, last {late[-1]:.1f} ms")

    def stretch(self):
        """One job each second, of ours alone: the extension of this version knows no intervals."""
        wait_for_second(DRIFT_BEGIN - 0.5)
        self.ours.schedule("1 second")
        wait_for_second(DRIFT_END + 0.5)
        starts = [at for _, at in self.ours.clear()]
        self.stretches.append(starts)
        say(f"  meanwhile one a second: {len(starts)} starts in {starts[-1] - starts[0]:.3f} s")

    def measure_quiet(self):
        """The rest of the daemon switched off: nothing due for a minute, then one job for each in turn."""
        say("activityd without its own jobs: a minute without any job, then one with one job for each peer")
        self.ours.stop()
        self.ours.start(built_in_jobs=False)
        # Starting is no idling.
        time.sleep(5)
        wait_for_quiet()
        idle = {peer.name: Snapshot(peer) for peer in self.peers}
        self.quiet["baseline"] = Window(self.peers).close()
        after = {peer.name: Snapshot(peer) for peer in self.peers}
        self.quiet["idleCPU"] = {
            name: after[name].cpu_since(idle[name]) / (after[name].time - idle[name].time) * 60 for name in after}
        self.quiet["one"] = {}
        for peer in self.peers:
            wait_for_quiet()
            peer.schedule("* * * * *")
            self.quiet["one"][peer.name] = Window(self.peers).close()[peer.name]
            if len(peer.clear()) != 1:
                raise RuntimeError(f"{peer.name} did not start its one job once")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--port", type=int, required=True)
    for name in ("scratch", "psql", "activityd"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    with open("/proc/loadavg", encoding="ascii") as file:
        load = file.read().split()[0]
    measurement = Measurement(options)
    try:
        say(f"rounds: {options.rounds}, {4 * options.rounds + 5} minutes; the load average is {load}")
        measurement.measure(options.rounds)
    finally:
        measurement.ours.stop()
    report.print_report(measurement, options.rounds, float(load))


if __name__ == "__main__":
    main()
