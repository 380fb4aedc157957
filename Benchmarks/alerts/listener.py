"""Subscribes, says so with a line, and says with another when the last of so many events has come.

It looks for nothing but the sequences in the bytes, so that it is slower than no side that it listens to.
"""

import argparse
import json
import re
import socket
import time

SEQUENCE = re.compile(rb'"sequence":"(\d+)"\}\r\n')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    parser.add_argument("--channel", required=True)
    parser.add_argument("--events", type=int, required=True)
    options = parser.parse_args()
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(options.socket)
    connection.sendall(f"SUBSCRIBE {options.channel}\r\n".encode())
    if not connection.recv(4096).startswith(b"*3"):
        raise RuntimeError("the subscription was refused")
    print("listening", flush=True)
    expected, disorder, rest, first = 1, 0, b"", None
    while expected <= options.events:
        received = connection.recv(1 << 20)
        if not received:
            raise RuntimeError("Redis closed the subscription")
        rest += received
        end = 0
        for match in SEQUENCE.finditer(rest):
            sequence, end = int(match[1]), match.end()
            # A heartbeat repeats the last one, or says 0 before the first.
            if sequence == expected:
                first = first or time.time()
                expected += 1
            elif sequence != expected - 1:
                disorder += 1
        rest = rest[end:]
    print(json.dumps({"first": first, "last": time.time(), "disorder": disorder}), flush=True)


if __name__ == "__main__":
    main()
