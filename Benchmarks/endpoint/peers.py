"""Four servers of the same documents: activityd, nginx, webdis, and Express with node-redis."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

from daemon import Daemon
from servers import Redis, cpu_seconds, resident_bytes

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass(frozen=True)
class Document:
    """What activityd serves at a target, and the others from a file of the same path or from a key."""

    target: str

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def key(self):
        return self.path.rpartition("/")[2]


SMALL, LARGE = Document("/api/activity/ips?limit=25"), Document("/api/activity/hourly?hours=744&pretty=1")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Server:
    """A server of documents on a port of this machine."""

    needs_redis = False

    def __init__(self, options, name):
        self.name, self.port = name, free_port()
        environment = dict(os.environ, NODE_PATH="/usr/share/nodejs", NODE_ENV="production")
        log = os.path.join(options.scratch, f"{name}.out")
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                self.arguments(options), cwd=options.scratch, env=environment, stdout=output, stderr=output)
        deadline = time.monotonic() + 30
        while not self.listens():
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(log, errors="replace") as output:
                    sys.exit(f"benchmark: {name} does not listen: {output.read()[-2000:]}")
            time.sleep(0.05)

    def arguments(self, options):
        """The command that starts it."""
        raise NotImplementedError

    def put(self, document, body):
        """Serves these bytes from now on, or soon."""
        raise NotImplementedError

    def target(self, document):
        return document.target

    def listens(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return True
        except ConnectionRefusedError:
            return False

    def get(self, document, fields=None):
        """The status, the fields, the body and the number of all bytes of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", self.target(document), headers={"Accept-Encoding": "identity", **(fields or {})})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        # The status line, the fields and the empty line, without the reason.
        head = len("HTTP/1.1 200 \r\n\r\n") + sum(len(f"{name}: {value}\r\n") for name, value in answer.getheaders())
        return answer.status, answer.headers, body, head + len(answer.reason) + len(body)

    def processes(self):
        """The process and its children, which are workers."""
        pids = [self.process.pid]
        for pid in pids:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
                pids += [int(child) for child in children.read().split()]
        return pids

    def cpu_seconds(self):
        return sum(cpu_seconds(pid) for pid in self.processes())

    def settle(self):
        """Waits until it has done what clients have left behind that went away, for at most ten seconds."""
        for _ in range(100):
            before = self.cpu_seconds()
            time.sleep(0.1)
            if self.cpu_seconds() - before < 0.02:
                return

    def resident_bytes(self):
        return sum(resident_bytes(pid, "VmRSS") for pid in self.processes())

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Activityd(Server):
    def __init__(self, options):
        self.name, self.port = "activityd", options.port
        # Without the exemption one address has 256 connections at most.
        self.daemon = Daemon(options, settings=["http.trustedProxies=127.0.0.1"])
        self.process = self.daemon.process
        try:
            self.daemon.wait_for(
                "the first feed", lambda: self.daemon.health()["components"]["feed"]["caughtUp"] or None, 120)
        except BaseException:
            self.stop()
            raise

    def put(self, document, body):
        """The documents are its own."""

    def stop(self):
        self.daemon.stop()


class Nginx(Server):
    def arguments(self, options):
        self.root = os.path.join(options.scratch, "nginx")
        os.makedirs(os.path.join(self.root, "api/activity"), exist_ok=True)
        with open(os.path.join(HERE, "nginx.conf"), encoding="ascii") as file:
            text = file.read()
        # Without this its workers would be somebody who may not enter the directory.
        user = "user root;" if os.geteuid() == 0 else ""
        path = os.path.join(self.root, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(text.replace("@PORT@", str(self.port)).replace("@USER@", user).replace("@SMALL@", SMALL.path))
        return ["/usr/sbin/nginx", "-p", self.root, "-c", path, "-e", "stderr"]

    def put(self, document, body):
        path = os.path.join(self.root, document.path.lstrip("/"))
        with open(path + ".new", "wb") as file:
            file.write(body)
        os.replace(path + ".new", path)


class OfRedis(Server):
    """Takes documents from Redis, where each has a key."""

    needs_redis = True

    def put(self, document, body):
        if not hasattr(self, "redis"):
            self.redis = Redis(self.socket)
        self.redis.command("SET", document.key, body)

    def arguments(self, options):
        self.socket = os.path.join(options.scratch, "redis.sock")
        return self.command(options)


class Webdis(OfRedis):
    def command(self, options):
        path = os.path.join(options.scratch, "webdis.json")
        with open(path, "w", encoding="ascii") as file:
            json.dump({
                "redis_host": self.socket, "http_host": "127.0.0.1", "http_port": self.port,
                "threads": os.cpu_count(), "pool_size": 4, "verbosity": 0, "logfile": "webdis.log"}, file)
        return ["/usr/bin/webdis", path]

    def target(self, document):
        return f"/GET/{document.key}.txt"


class Express(OfRedis):
    def command(self, options):
        return ["/usr/bin/node", os.path.join(HERE, "express.js"), str(self.port), self.socket]
