"""Stalled transfers: 20 downloads of 100 MB whose readers wait, 10 uploads of 100 MB whose upstream does.

stall.py RESULTS PEER PORT PIDS. Five seconds later everyone goes on. Keeps the highest growth of the proxy's resident
memory, and how many of the 30 transfers arrived whole: count and checksum, downloads here, uploads at the upstream.
"""

import socket
import sys
import threading
import time
import zlib

import pattern
import proc

SIZE = 100_000_000
STALL_SECONDS = 5
# A transfer that stands still this long after the stall has been lost.
SILENCE_SECONDS = 30
CHECKSUM = pattern.checksum(SIZE)


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=SILENCE_SECONDS)


def head(connection):
    """Reads an answer's head; gives its status line and what came of the body with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise OSError(f"closed after {data[:40]!r}")
        data += piece
    lines, _, body = data.partition(b"\r\n\r\n")
    status = lines.split(b"\r\n")[0]
    if b" 200" not in status:
        raise OSError(status.decode(errors="replace"))
    return body


def download(connection):
    """Goes on with a download: the head and 100 MB."""
    body = head(connection)
    count, crc = len(body), zlib.crc32(body)
    while count < SIZE:
        piece = connection.recv(1 << 20)
        if not piece:
            break
        count, crc = count + len(piece), zlib.crc32(piece, crc)
    if (count, crc) != (SIZE, CHECKSUM):
        raise OSError(f"download: {count} bytes of {SIZE}" + ("" if count != SIZE else ", not the ones sent"))


def upload(port):
    with connect(port) as connection:
        connection.sendall(b"POST /stall HTTP/1.1\r\nHost: bench\r\nUser: admin\r\nContent-Length: %d\r\n\r\n" % SIZE)
        for block in pattern.blocks(SIZE):
            connection.sendall(block)
        answer = head(connection)
        wanted = b"%d %d" % (SIZE, CHECKSUM)
        while len(answer) < len(wanted):
            piece = connection.recv(100)
            if not piece:
                break
            answer += piece
        if answer != wanted:
            raise OSError(f"upload: the upstream got {answer!r}, not {wanted!r}")


def main():
    results, peer, port, pids = sys.argv[1], sys.argv[2], int(sys.argv[3]), proc.tree(proc.parse_pids(sys.argv[4]))
    # It listens; what its start still takes after that is not the transfers'.
    time.sleep(1)
    base = proc.rss_kib(pids)
    peak = base
    finished = threading.Event()

    def watch():
        nonlocal peak
        while not finished.wait(0.05):
            peak = max(peak, proc.rss_kib(pids))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    whole, failures = [], []

    def attempt(transfer, argument):
        try:
            transfer(argument)
            whole.append(1)
        except OSError as error:
            failures.append(str(error))

    readers = [connect(port) for _ in range(20)]
    for reader in readers:
        reader.sendall(b"GET /%d HTTP/1.1\r\nHost: bench\r\nUser: admin\r\n\r\n" % SIZE)
    threads = [threading.Thread(target=attempt, args=(upload, port), daemon=True) for _ in range(10)]
    for thread in threads:
        thread.start()
    time.sleep(STALL_SECONDS)
    stalled = peak
    threads += [threading.Thread(target=attempt, args=(download, reader), daemon=True) for reader in readers]
    for thread in threads[10:]:
        thread.start()
    deadline = time.time() + 120
    for thread in threads:
        thread.join(max(0, deadline - time.time()))
    finished.set()
    watcher.join()
    with open(results, "a") as file:
        for metric, value in [("growth", (peak - base) / 1024), ("stalled", (stalled - base) / 1024),
                              ("base", base / 1024), ("whole", len(whole))]:
            file.write(f"stall\t{peer}\t{metric}\t{value}\n")
        if failures:
            file.write(f"stall\t{peer}\terror\t{failures[0]}\n")


main()
