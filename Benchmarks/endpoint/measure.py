"""Measures four servers of the same documents in turn, and two with connections that only stay open."""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import report
from peers import HERE, LARGE, SMALL, Activityd, Document, Express, Nginx, Webdis
from servers import cpu_seconds

CONNECTIONS = (1, 32, 1000)
WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Case:
    name: str
    document: Document
    is_conditional: bool = False
    # Whether no request is like another: what is known by its bytes then helps nobody.
    is_varied: bool = False


CASES = (Case("4 kB", SMALL), Case("200 kB", LARGE), Case("304", SMALL, is_conditional=True),
         Case("4 kB, varied", SMALL, is_varied=True))


def say(text):
    print(f"==> {text}", flush=True)


def busy_seconds():
    """What the machine's processors have worked since it started, for whomever."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, *interrupts = (int(ticks) for ticks in file.readline().split()[1:9])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def fail(text):
    sys.exit(f"benchmark: {text}")


class Measurement:
    def __init__(self, options):
        self.options, self.servers, self.bodies = options, [], {}
        with open(os.path.join(options.scratch, "redis.pid"), encoding="ascii") as file:
            self.redis = int(file.read())

    def start(self):
        self.ours = Activityd(self.options)
        self.servers.append(self.ours)
        for peer in (Nginx, Webdis, Express):
            self.servers.append(peer(self.options, peer.__name__.lower()))

    def stop(self):
        while self.servers:
            self.servers.pop().stop()

    def spread(self):
        """Gives everybody the documents as they are now; whether any had changed."""
        changed = [document for document in (SMALL, LARGE) if self.ours.get(document)[2] != self.bodies.get(document)]
        for document in changed:
            body = self.bodies[document] = self.ours.get(document)[2]
            for server in self.servers:
                server.put(document, body)
                self.wait_for(server, document, body)
        return bool(changed)

    def wait_for(self, server, document, body):
        """Until it serves these very bytes."""
        deadline = time.monotonic() + 10
        while True:
            status, _, served, _ = server.get(document)
            if (status, served) == (200, body):
                return
            if time.monotonic() > deadline:
                fail(f"{server.name} answers {status} with other bytes to {server.target(document)}")
            time.sleep(0.1)

    def measure(self, server, case, connections):
        while True:
            figures = self.attempt(server, case, connections)
            # An hour may have begun meanwhile.
            if not self.spread():
                return self.checked(figures, server, case, connections)
            say("the documents have changed; once more")

    def attempt(self, server, case, connections):
        status, fields, body, _ = server.get(case.document)
        if status != 200 or "ETag" not in fields:
            fail(f"{server.name} answers {status} with {dict(fields)}: {body[:200]}")
        condition = {"If-None-Match": fields["ETag"]} if case.is_conditional else {}
        status, _, _, length = server.get(case.document, condition)
        if status != (304 if case.is_conditional else 200):
            fail(f"{server.name} answers {status}")
        self.load(server, case, connections, condition, WARM_UP_SECONDS)
        server.settle()
        began, busy, used, used_by_redis = (
            time.monotonic(), busy_seconds(), server.cpu_seconds(), cpu_seconds(self.redis))
        figures = self.load(server, case, connections, condition, self.options.seconds)
        used, used_by_redis = server.cpu_seconds() - used, cpu_seconds(self.redis) - used_by_redis
        others = busy_seconds() - busy - used - used_by_redis - figures["cpuSeconds"]
        requests = max(1, figures["requests"])
        return {
            "expectedBytes": length,
            **figures,
            "requestsPerSecond": figures["requests"] / figures["microseconds"] * 1e6,
            "cpuMicroseconds": used / requests * 1e6,
            "redisMicroseconds": used_by_redis / requests * 1e6 if server.needs_redis else 0,
            "loadMicroseconds": figures["cpuSeconds"] / requests * 1e6,
            "othersCores": max(0, others / (time.monotonic() - began)),
            "residentBytes": server.resident_bytes(),
        }

    def load(self, server, case, connections, condition, seconds):
        fields = [part for name, value in condition.items() for part in ("--header", f"{name}: {value}")]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        output = subprocess.run(
            ["wrk", f"--threads={min(connections, os.cpu_count())}", f"--connections={connections}", "--latency",
             f"--duration={seconds}s", "--timeout=60s", f"--script={os.path.join(HERE, 'load.lua')}", *fields,
             f"http://127.0.0.1:{server.port}{server.target(case.document)}", *(["--", "varied"] if case.is_varied else [])],
            stdout=subprocess.PIPE, text=True, check=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {**json.loads(output.strip().splitlines()[-1]), "cpuSeconds": used}

    def checked(self, figures, server, case, connections):
        """All answers must have been the expected ones: wrk knows errors, and how many bytes have come."""
        requests, expected = figures["requests"], figures["expectedBytes"]
        # `Age` grows, and what was on its way at the end is no request.
        least, most = expected * requests * 0.99, expected * (requests + connections) * 1.01
        if figures["errors"] or not requests or not least <= figures["bytes"] <= most:
            fail(f"{server.name}, {case.name}, {connections} connections: {figures['errors']} errors, {requests} answers "
                 f"with {figures['bytes']} bytes where {expected} each were expected")
        return figures

    def round(self, number):
        """Everybody in turn; who begins changes each time."""
        for turn, (case, connections) in enumerate((case, count) for case in CASES for count in CONNECTIONS):
            first = (number + turn) % len(self.servers)
            figures = {server.name: self.measure(server, case, connections)
                       for server in self.servers[first:] + self.servers[:first]}
            yield case.name, connections, figures
            say(f"{case.name}, {connections} connections: " + ", ".join(
                f"{server.name} {figures[server.name]['requestsPerSecond']:,.0f}/s" for server in self.servers))

    def idle(self):
        """Memory with many connections that stay open, of servers that have done nothing else."""
        self.stop()
        self.servers = [Activityd(self.options), Nginx(self.options, "nginx")]
        return {server.name: self.idle_connections(server) for server in self.servers}

    def idle_connections(self, server):
        server.get(SMALL)
        before = server.resident_bytes()
        client = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "idle.py"), f"--port={server.port}", f"--target={SMALL.target}",
             f"--connections={self.options.idle}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            if client.stdout.readline() != "open\n":
                fail(f"{server.name} does not keep {self.options.idle} connections open")
            after = server.resident_bytes()
            answers = int(client.communicate("\n", timeout=120)[0])
        finally:
            client.kill()
            client.wait()
        if answers != self.options.idle:
            fail(f"{server.name}: {answers} of {self.options.idle} idle connections answered again")
        say(f"{server.name}, {answers} idle connections: {after / report.MEBIBYTE:.0f} MiB")
        return {"connections": answers, "bytesBefore": before, "bytes": after}


def main():
    parser = argparse.ArgumentParser()
    for name in ("rounds", "seconds", "idle", "port"):
        parser.add_argument("--" + name, type=int, required=True)
    for name in ("scratch", "activityd"):
        parser.add_argument("--" + name, required=True)
    options = parser.parse_args()
    measurement = Measurement(options)
    # So that servers are stopped then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        measurement.start()
        measurement.spread()
        rounds = []
        for number in range(options.rounds):
            say(f"round {number + 1} of {options.rounds}")
            rounds += measurement.round(number)
        idle = measurement.idle()
    finally:
        measurement.stop()
    report.print_report(rounds, idle, options)


if __name__ == "__main__":
    main()
