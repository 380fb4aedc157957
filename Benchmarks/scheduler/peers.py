"""The two schedulers: how they are given jobs, what they have done, and what it has cost."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from daemon import ALONE
from servers import Psql, cpu_seconds

BUILT_IN_JOBS = ("ingest", "precompute", "refresh-hourly-stats", "refresh-daily-summary", "refresh-collection-stats",
                 "reconcile", "maintain", "create-indexes", "rebuild-indexes")


class Snapshot:
    """What a peer has used so far."""

    def __init__(self, peer):
        self.time = time.monotonic()
        # As far as the server counts them: it never hears of those of the extension's launcher.
        self.commits = int(peer.admin.ask(
            f"SELECT xact_commit FROM pg_stat_database WHERE datname = '{peer.database}';"))
        # Transactions that wrote, of the whole server; the peers have their turns one after the other.
        self.writes = int(peer.admin.ask("SELECT pg_snapshot_xmax(pg_current_snapshot());"))
        self.cpu = {pid: cpu_seconds(pid) for pid in peer.processes()}

    def cpu_since(self, earlier):
        """CPU seconds of the processes that lived at both times."""
        return sum(seconds - earlier.cpu[pid] for pid, seconds in self.cpu.items()
                   if seconds is not None and earlier.cpu.get(pid) is not None)


class Peer:
    """A scheduler with the schema `cron` in a database of its own, and an ordinary role that has jobs there."""

    def __init__(self, options, name, database):
        self.name, self.database = name, database
        # Asks from elsewhere, so that asking is not counted.
        self.admin = Psql(options.psql, options.scratch, "postgres", "postgres")
        owner = Psql(options.psql, options.scratch, "postgres", database)
        owner.ask("GRANT USAGE ON SCHEMA cron TO person; CREATE SCHEMA person AUTHORIZATION person;")
        owner.close()
        self.person = Psql(options.psql, options.scratch, "person", database)
        self.person.ask(
            "CREATE TABLE started (job integer NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());")

    def schedule(self, schedule, jobs=1):
        self.person.ask(
            f"SELECT count(cron.schedule('{schedule}', format('INSERT INTO started (job) VALUES (%s)', job))) "
            f"FROM generate_series(1, {jobs}) AS job;")

    def clear(self):
        """Removes all jobs, and gives the seconds since 1970 at which they had started, in order."""
        self.person.ask("SELECT count(cron.unschedule(jobid)) FROM (SELECT jobid FROM cron.job) AS all_jobs;")
        return self.take_starts()

    def take_starts(self):
        answer = self.person.ask(
            "SELECT job, extract(epoch FROM at)::numeric(20, 6) FROM started ORDER BY at; TRUNCATE started;")
        starts = [line.split("|") for line in answer.split("\n") if line]
        return [(int(job), float(at)) for job, at in starts]

    def processes(self):
        raise NotImplementedError

    def backends(self, condition):
        answer = self.admin.ask(f"SELECT pid FROM pg_stat_activity WHERE {condition};")
        return [int(pid) for pid in answer.split("\n") if pid]


class PgCron(Peer):
    def __init__(self, options):
        super().__init__(options, "pg_cron", "pg_cron")
        self.version = self.person.ask("SELECT extversion FROM pg_extension WHERE extname = 'pg_cron';")

    def processes(self):
        # Its launcher connects as a background worker; its jobs are the person's other sessions.
        launchers = self.backends("backend_type LIKE 'pg_cron%'")
        if not launchers:
            raise RuntimeError("the launcher of pg_cron does not run")
        return launchers


class Activityd(Peer):
    def __init__(self, options):
        self.options, self.process = options, None
        self.log = os.path.join(options.scratch, "activityd.out")
        self.start()
        super().__init__(options, "activityd", "directus")

    def start(self, built_in_jobs=True):
        """Starts the daemon, with its own jobs or without, and waits until it is ready."""
        settings = [f"database.url=host={self.options.scratch} user=activityd dbname=directus",
                    f"redis.url=unix://{self.options.scratch}/redis.sock",
                    f"http.listen=127.0.0.1:{self.options.port}", "http.adminListen=127.0.0.1:0"]
        if not built_in_jobs:
            settings += [f"jobs.{name}.enabled=false" for name in BUILT_IN_JOBS]
        arguments = [argument for setting in settings for argument in ("--set", setting)]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.options.activityd, "run", *ALONE, *arguments], cwd=self.options.scratch, stdout=log,
                stderr=log)
        path = "/readyz" if built_in_jobs else "/livez"
        deadline = time.monotonic() + 60
        while not self._answers(path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(self.log, errors="replace") as log:
                    sys.stderr.write("".join(log.readlines()[-40:]))
                sys.exit("benchmark: activityd does not become ready")
            time.sleep(0.1)

    def _answers(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.options.port}{path}", timeout=5):
                return True
        except (urllib.error.URLError, ConnectionError):
            return False

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def processes(self):
        return [self.process.pid, *self.backends("application_name LIKE 'activityd%'")]
