"""Readers of a dashboard on connections that they keep: readers.py PORT, until SIGTERM.

Prints one JSON object: how many answers were whole, what failed, the longest wait in seconds. An answer is whole when
its body has the announced length, is JSON, and has status 200. Nothing is tried twice.
"""

import asyncio
import json
import random
import signal
import sys
import time

READERS = 24
REQUEST = b"GET /api/activity/dashboard?days=7 HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Results:
    answered = 0
    slowest = 0.0

    def __init__(self):
        self.failures = {}

    def failed(self, reason):
        self.failures[reason] = self.failures.get(reason, 0) + 1


async def read_answer(reader):
    """Returns whether the connection may be kept; raises when the answer is not whole."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
    lines = head.split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    body = await reader.readexactly(int(fields["content-length"]))
    if " 200 " not in lines[0]:
        raise ValueError(lines[0])
    json.loads(body)
    return fields.get("connection", "").lower() != "close"


async def read(port, ended, results):
    connection = None
    while not ended.is_set():
        begun = time.monotonic()
        what = "connecting"
        try:
            if connection is None:
                connection = await asyncio.open_connection("127.0.0.1", port)
            what = "reading"
            connection[1].write(REQUEST)
            is_kept = await asyncio.wait_for(read_answer(connection[0]), 60)
            results.answered += 1
        except Exception as error:
            results.failed(f"{what}: {error!r}")
            is_kept = False
        results.slowest = max(results.slowest, time.monotonic() - begun)
        if connection and not is_kept:
            connection[1].close()
            connection = None
        # Some ask at once, some leave the connection idle for a while.
        await asyncio.sleep(random.choice([0, 0.001, 0.01, 0.1, 0.5]))


async def main(port):
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    results = Results()
    await asyncio.gather(*(read(port, ended, results) for _ in range(READERS)))
    print(json.dumps({"answered": results.answered, "failures": results.failures, "slowest": round(results.slowest, 2)}))


asyncio.run(main(int(sys.argv[1])))
