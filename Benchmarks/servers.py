"""Thin, persistent connections for benchmarks, so that connecting flatters neither side."""

import os
import socket
import subprocess

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Psql:
    """One psql session on the throw-away server."""

    END = "--end-of-answer--"

    def __init__(self, program, host, role, database="directus"):
        self.process = subprocess.Popen(
            [program, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
             f"--host={host}", f"--username={role}", f"--dbname={database}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, script):
        """The output of a script of SQL and psql commands."""
        self.process.stdin.write(f"{script}\n\\echo {self.END}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if line == self.END:
                return "\n".join(lines)
            lines.append(line)
        raise RuntimeError(f"psql ended (its error stands above) after: {script}")

    def run_file(self, path, **variables):
        """The output of an SQL file with psql variables."""
        settings = "".join(f"\\set {name} '{value}'\n" for name, value in variables.items())
        return self.ask(f"{settings}\\i {path}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Redis:
    """As much of a Redis client as the predecessor needs: one connection, one command at a time."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.replies = self.socket.makefile("rb")

    def command(self, *arguments):
        encoded = [argument if isinstance(argument, bytes) else str(argument).encode() for argument in arguments]
        parts = [b"*%d\r\n" % len(encoded)]
        parts += [b"$%d\r\n%s\r\n" % (len(argument), argument) for argument in encoded]
        self.socket.sendall(b"".join(parts))
        return self._reply()

    def _reply(self):
        line = self.replies.readline().rstrip(b"\r\n")
        kind, rest = line[:1], line[1:]
        if kind == b"$":
            return None if rest == b"-1" else self.replies.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        if kind == b"-":
            raise RuntimeError(f"Redis: {rest.decode()}")
        return int(rest) if kind == b":" else rest


def resident_bytes(pid, field):
    """VmRSS (now) or VmHWM (highest so far) of a process, in bytes."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/{pid}/status has no {field}")


def cpu_seconds(pid):
    """User and system time of a process, all its threads included; None when it has ended."""
    try:
        # Exact to the nanosecond, but of one thread only, so for processes that have no other.
        if len(os.listdir(f"/proc/{pid}/task")) == 1 and os.path.exists(f"/proc/{pid}/schedstat"):
            with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
                return int(file.read().split()[0]) / 1e9
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            # The program's name stands in brackets and may hold blanks.
            fields = file.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return None
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
