"""The daemon under test, and the table that it watches."""

import json
import os
import subprocess
import urllib.error
import urllib.request

from webdriver import free_port, wait_for

SCRATCH = os.environ["SCRATCH"]
ACTIVITYD = os.environ["ACTIVITYD"]


class Daemon:
    """`activityd run`, quicker than by default so that nobody has to wait."""

    def __init__(self, database="directus", **settings):
        self.port = free_port()
        self.database = database
        self.environment = dict(
            os.environ,
            ACTIVITYD_DATABASE_URL=f"host={SCRATCH} user=activityd dbname={database}",
            ACTIVITYD_REDIS_URL=f"unix://{SCRATCH}/redis.sock",
            ACTIVITYD_REDIS_PREFIX=f"{database}:",
            ACTIVITYD_HTTP_LISTEN=f"127.0.0.1:{self.port}",
            ACTIVITYD_JOBS_INGEST_SCHEDULE="1 seconds",
            ACTIVITYD_JOBS_PRECOMPUTE_SCHEDULE="2 seconds",
            **settings)
        self.start()

    def start(self):
        with open(f"{SCRATCH}/activityd.out", "ab") as log:
            # In the scratch directory, so that no .env of the project changes what is tested.
            self.process = subprocess.Popen(
                [ACTIVITYD, "run"], env=self.environment, cwd=SCRATCH, stdout=log, stderr=log)
        wait_for("the daemon to be ready", lambda: self.status("/readyz") == 200, 60)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)

    def command(self, *arguments):
        """The output of another command with the same configuration."""
        return activityd(*arguments, environment=self.environment)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def status(self, path):
        try:
            with urllib.request.urlopen(self.url(path), timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def get(self, path):
        """The member `data` of an answer."""
        with urllib.request.urlopen(self.url(f"/api/activity/{path}"), timeout=10) as answer:
            return json.load(answer)["data"]

    def wait_until_counted(self):
        """Waits until the raw table's rows of the last 30 days are all in the dashboard."""
        rows = int(self.ask("""SELECT count(*) FROM directus_activity
            WHERE "timestamp" >= date_trunc('hour', now()) - interval '30 days'"""))
        wait_for(f"{rows} rows to be counted",
                 lambda: self.get("dashboard?days=30")["summary"]["totalActivity"] == rows, 60)

    def ask(self, statement):
        """The output of SQL as the role of Directus."""
        return subprocess.run(
            [os.environ["PSQL"], "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
             f"--host={SCRATCH}", "--username=directus", f"--dbname={self.database}", f"--command={statement}"],
            check=True, capture_output=True, text=True).stdout.strip()

    def insert(self, count=1, action="create", collection="articles", user=None):
        """Adds rows that have just been written."""
        self.ask(f"""INSERT INTO directus_activity (action, "user", "timestamp", ip, collection, item)
            SELECT {quoted(action)}, {quoted(user)}::uuid, clock_timestamp(), '192.0.2.77', {quoted(collection)},
                n::text
            FROM generate_series(1, {count}) AS n""")


def activityd(*arguments, environment=None):
    """The output of a command."""
    return subprocess.run([ACTIVITYD, *arguments], env=environment, cwd=SCRATCH, check=True, capture_output=True,
                          text=True).stdout


def quoted(text):
    return "NULL" if text is None else "'" + text.replace("'", "''") + "'"
