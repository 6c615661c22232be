"""Requests whose clients go away at any moment, some of them not at all: abort.py PORT COUNT THREADS PATH..."""
import random
import socket
import struct
import sys
import threading

port, count, threads, paths = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
whole = [0] * threads


def exchange(r):
    with socket.socket() as s:
        s.settimeout(20)
        # Closed with a reset, as a client that is gone.
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.connect(("127.0.0.1", port))
        body = r.randrange(1, 60_000) if r.randrange(3) == 0 else 0
        head = f"POST {r.choice(paths)} HTTP/1.1\r\nhost: a\r\nx-delay: {r.randrange(8)}\r\ncontent-length: {body}\r\nconnection: close\r\n\r\n"
        request = head.encode() + b"x" * body
        sent = r.randrange(len(request)) if r.randrange(6) == 0 else len(request)
        s.sendall(request[:sent])
        if sent < len(request) or r.randrange(3) == 0:
            return False
        first = s.recv(65536)
        if not first or r.randrange(8) == 0:
            return False
        while s.recv(65536):
            pass
        return first.startswith(b"HTTP/1.1 ")


def run(number):
    r = random.Random(number)
    for _ in range(count // threads):
        try:
            whole[number] += exchange(r)
        except OSError:
            pass


workers = [threading.Thread(target=run, args=(i,)) for i in range(threads)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print(sum(whole))
