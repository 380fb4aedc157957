"""The daemon that is measured beside the repaired predecessor."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

# In the scratch directory, where no .env is, and without the file of a package that is installed: no settings of this
# machine change what is measured.
ALONE = ("--config", "/dev/null")


class Daemon:
    """`activityd run` on the throw-away servers."""

    def __init__(self, options, settings=(), starts=True):
        self.options, self.port = options, options.port
        self.log = os.path.join(options.scratch, "activityd.out")
        self.environment = dict(
            os.environ,
            ACTIVITYD_DATABASE_URL=f"host={options.scratch} user=activityd dbname=directus",
            ACTIVITYD_REDIS_URL=f"unix://{options.scratch}/redis.sock",
            ACTIVITYD_HTTP_LISTEN=f"127.0.0.1:{options.port}",
            # Any free one: nobody asks it.
            ACTIVITYD_HTTP_ADMIN_LISTEN="127.0.0.1:0",
            ACTIVITYD_LOG_LEVEL="info")
        self.command("migrate")
        self.arguments = [argument for setting in settings for argument in ("--set", setting)]
        if starts:
            self.start()

    def start(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [self.options.activityd, "run", *ALONE, *self.arguments], env=self.environment, cwd=self.options.scratch,
                stdout=log, stderr=log)

    def command(self, *arguments):
        """Another command with the same configuration, to its end."""
        subprocess.run([self.options.activityd, *arguments, *ALONE], env=self.environment, cwd=self.options.scratch,
                       stdout=subprocess.DEVNULL, check=True)

    def health(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/health", timeout=10) as answer:
            return json.load(answer)

    def wait_for(self, what, condition, seconds):
        """Polls until the condition gives something that is not None."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.give_up(f"activityd ended with status {self.process.returncode}")
            try:
                answer = condition()
            except (urllib.error.URLError, ConnectionError, KeyError, TypeError):
                answer = None
            if answer is not None:
                return answer
            time.sleep(0.05)
        return self.give_up(f"waited {seconds} s in vain for {what}")

    def give_up(self, why):
        with open(self.log, errors="replace") as log:
            sys.stderr.write("".join(log.readlines()[-40:]))
        sys.exit(f"benchmark: {why}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
