"""User memory per idle keep-alive connection: opens many, one request on each, and looks at the resident memory.

idle.py RESULTS PEER PORT PIDS COUNT. The sockets' own memory is the kernel's and the same for every proxy.
"""

import socket
import sys
import time

import proc

REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\nUser: admin\r\n\r\n"


def ask(connection):
    connection.sendall(REQUEST)
    answer = connection.recv(4096)
    if not answer.startswith(b"HTTP/1.1 200"):
        raise OSError(f"answered {answer[:40]!r}")


def settle(connections, pids):
    """Asks until the proxy's memory grows no more, twice running, ten times at most."""
    known, calm = 0, 0
    for _ in range(10):
        for connection in connections * 20:
            ask(connection)
        # A runtime that compiles what runs often begins a tenth of a second after it was found.
        time.sleep(1)
        now = proc.rss_kib(pids)
        calm = calm + 1 if now - known < 64 else 0
        known = max(now, known)
        if calm == 2:
            break


def opened(connect, count):
    """So many connections, with one request on each."""
    connections = []
    for _ in range(count):
        connections.append(connect())
        ask(connections[-1])
    return connections


def main():
    results, peer, port, pids, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), proc.parse_pids(sys.argv[4]), int(sys.argv[5])
    pids = proc.tree(pids)

    def connect():
        return socket.create_connection(("127.0.0.1", port), timeout=20)

    try:
        # What a proxy makes once (its upstream connection, compiled code, first buffers, what its allocator takes in advance) is
        # not a connection's price: it has a quarter of that many connections already, which stay.
        warm = [connect() for _ in range(50)]
        settle(warm, pids)
        warm += opened(connect, count // 4)
        time.sleep(2)
        before = proc.rss_kib(pids)
        idle = opened(connect, count)
        time.sleep(2)
        after = proc.rss_kib(pids)
        # The memory of a connection that the proxy has closed meanwhile proves nothing.
        for connection in idle[:: max(1, count // 100)]:
            ask(connection)
        lines = [("bytes", 1024 * (after - before) / count), ("base", before / 1024), ("count", count)]
    except OSError as error:
        lines = [("error", str(error))]
    with open(results, "a") as file:
        for metric, value in lines:
            file.write(f"idle\t{peer}\t{metric}\t{value}\n")


main()
