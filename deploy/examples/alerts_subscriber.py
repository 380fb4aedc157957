#!/usr/bin/python3
"""Prints every alert once and in order, whatever happens to Redis, to the network or to this program.

    alerts_subscriber.py --state FILE [--url redis://127.0.0.1:6379] [--prefix activity:]

The channel tells of alerts at once, but only those who listen; the stream keeps them. So: subscribe first, then read
from the stream what came since the last alert that was handled, then take what the channel brings. The number of that
alert is kept in the state file. Every event has the next number ("sequence"), and heartbeats have the last one, so a
gap shows that something was missed, and the stream has it.

It needs python3-redis. Replace `handle` by what should be done; it may be called twice for one alert if the machine
stops between the two, so let it look at the event's "id".
"""

import argparse
import json
import os
import sys
import time

import redis

# activityd says each minute that it lives (alerts.heartbeat); three minutes of silence are worth a word.
SILENCE = 180


def handle(event):
    print(json.dumps(event, ensure_ascii=False), flush=True)


def note(text):
    print(f"alerts_subscriber: {text}", file=sys.stderr, flush=True)


class Subscriber:
    def __init__(self, options):
        self.channel, self.stream = options.prefix + "alerts", options.prefix + "alerts:stream"
        self.state = options.state
        self.last = self.load()
        # A server that went away without a word is noticed by the health check.
        self.redis = redis.Redis.from_url(options.url, socket_connect_timeout=5, socket_keepalive=True,
                                          health_check_interval=15, decode_responses=True)

    def load(self):
        """The number of the last alert that was handled; None at the very first start, which begins with what is new."""
        try:
            with open(self.state, encoding="ascii") as file:
                return int(file.read())
        except FileNotFoundError:
            return None

    def save(self):
        with open(self.state + ".new", "w", encoding="ascii") as file:
            file.write(f"{self.last}\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(self.state + ".new", self.state)

    def take(self, text):
        """Handles an event unless it was handled before; fetches what is missing before it."""
        event = json.loads(text)
        sequence = int(event["sequence"])
        is_heartbeat = event["type"] == "activityd.heartbeat"
        if sequence > self.last + (0 if is_heartbeat else 1):
            self.catch_up()
        if not is_heartbeat:
            self.deliver(sequence, event)

    def deliver(self, sequence, event):
        if sequence <= self.last:
            return
        if sequence > self.last + 1:
            note(f"{self.last + 1} to {sequence - 1} are not in the stream any more")
        handle(event)
        self.last = sequence
        self.save()

    def catch_up(self):
        """Reads the stream from the last alert that was handled."""
        while True:
            entries = self.redis.xrange(self.stream, min=f"{self.last + 1}-0", count=100)
            for entry, fields in entries:
                self.deliver(int(entry.split("-")[0]), json.loads(fields["event"]))
            if not entries:
                return

    def listen(self):
        with self.redis.pubsub(ignore_subscribe_messages=True) as channel:
            channel.subscribe(self.channel)
            # The first answer confirms the subscription: from now on nothing is missed.
            channel.get_message(timeout=5)
            if self.last is None:
                newest = self.redis.xrevrange(self.stream, count=1)
                self.last = int(newest[0][0].split("-")[0]) if newest else 0
                self.save()
            self.catch_up()
            heard = time.monotonic()
            while True:
                message = channel.get_message(timeout=5)
                if message:
                    heard = time.monotonic()
                    self.take(message["data"])
                elif time.monotonic() - heard > SILENCE:
                    note(f"no heartbeat for {SILENCE} s: is activityd running?")
                    heard = time.monotonic()

    def run(self):
        pause = 0.1
        while True:
            began = time.monotonic()
            try:
                self.listen()
            except (redis.RedisError, OSError) as error:
                note(f"trying again: {error}")
            pause = 0.1 if time.monotonic() - began > 10 else min(pause * 2, 5)
            time.sleep(pause)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--state", required=True, help="the file that keeps the number of the last alert handled")
    parser.add_argument("--url", default="redis://127.0.0.1:6379")
    parser.add_argument("--prefix", default="activity:", help="redis.prefix of activityd")
    try:
        Subscriber(parser.parse_args()).run()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
