"""Opens connections that make one request each and stay open: says so with a line, and waits for one.

Then each must answer once more. In a process of its own, so that its memory is nobody else's.
"""

import argparse
import socket
import sys

# A server may take no more than 256 from one address.
PER_ADDRESS = 250


def ask(connection, request):
    """Whether the whole answer, with its Content-Length, is a 200."""
    connection.sendall(request)
    with connection.makefile("rb") as answer:
        status = answer.readline().split()
        length = 0
        while (line := answer.readline().rstrip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return len(answer.read(length)) == length and status[1:2] == [b"200"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--target", required=True)
    options = parser.parse_args()
    request = f"GET {options.target} HTTP/1.1\r\nHost: 127.0.0.1:{options.port}\r\n\r\n".encode()
    connections = []
    for number in range(options.connections):
        source = f"127.0.0.{2 + number // PER_ADDRESS}"
        connection = socket.create_connection(("127.0.0.1", options.port), timeout=30, source_address=(source, 0))
        if not ask(connection, request):
            sys.exit(f"connection {number + 1} got no answer")
        connections.append(connection)
    print("open", flush=True)
    sys.stdin.readline()
    print(sum(ask(connection, request) for connection in connections), flush=True)


if __name__ == "__main__":
    main()
