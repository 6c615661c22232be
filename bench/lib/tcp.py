"""The two ends of bench/tcp.sh: a server that answers, and a client that counts what that costs the proxy between them.

tcp.py serve PORT
tcp.py bulk PORT PID MIB CONNECTIONS          prints CPU milliseconds of the proxy per MiB
tcp.py trips PORT PID TRIPS CONNECTIONS       prints CPU microseconds of the proxy per round trip of 64 bytes

A client's first 8 bytes say what it wants: a number of bytes to be sent, or 0 for an echo.
"""

import os
import socket
import struct
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import proc  # noqa: E402

MIB = 1 << 20
SMALL = 64


def read(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise SystemExit("the connection ended too early")
        data += more
    return data


def serve_one(connection):
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = connection.recv(8, socket.MSG_WAITALL)
        if len(head) < 8:
            return
        (wanted,) = struct.unpack(">Q", head)
        chunk = bytes(MIB)
        while wanted > 0:
            wanted -= connection.send(chunk[: min(wanted, MIB)])
        while data := connection.recv(65536):
            connection.sendall(data)


def serve(port):
    with socket.create_server(("127.0.0.1", port), backlog=1024) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve_one, args=(connection,), daemon=True).start()


def together(count, work):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def connect(port, wanted):
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(struct.pack(">Q", wanted))
    return connection


def bulk(port, mib):
    buffer = bytearray(MIB)
    with connect(port, mib * MIB) as connection:
        left = mib * MIB
        while left > 0:
            count = connection.recv_into(buffer)
            if count == 0:
                raise SystemExit("the connection ended too early")
            left -= count


def trips(port, count):
    message = bytes(SMALL)
    with connect(port, 0) as connection:
        for _ in range(count):
            connection.sendall(message)
            read(connection, SMALL)


def main():
    what, port = sys.argv[1], int(sys.argv[2])
    if what == "serve":
        serve(port)
        return
    pid, amount, connections = (int(argument) for argument in sys.argv[3:6])
    share = max(1, amount // connections)
    work = (lambda: bulk(port, share)) if what == "bulk" else (lambda: trips(port, share))
    pids = proc.tree([pid])
    before = proc.cpu_seconds(pids)
    together(connections, work)
    spent = proc.cpu_seconds(pids) - before
    print(f"{spent * (1e3 if what == 'bulk' else 1e6) / (share * connections):.4f}")


main()
