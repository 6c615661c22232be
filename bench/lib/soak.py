"""The load and the checks of soak.sh: keep-alive and one-request connections (wrk), uploads whose bytes are counted at
the upstream, downloads, clients that break off anywhere, a reload every ten seconds.
"""

import argparse
import http.client
import os
import random
import re
import signal
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
import traceback
import urllib.request
import zlib

import pattern
import proc

RELOAD_EVERY = 10
GROWTH_MB = 10
# How long streams and files of the last clients may take to go.
SETTLE_SECONDS = 10


class Soak:
    def __init__(self, options):
        self.options = options
        self.pids = proc.tree(proc.parse_pids(options.pid))
        self.random = random.Random(options.seed)
        self.header = dict([options.header.split(": ", 1)])
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.failures, self.counts, self.memory = [], {}, []

    # -- the clients ------------------------------------------------------------------------------------------------

    def done(self, kind):
        with self.lock:
            self.counts[kind] = self.counts.get(kind, 0) + 1

    def fail(self, kind, why):
        with self.lock:
            self.failures.append(f"{kind}: {why}")

    def client(self, kind, once, seed):
        """Repeats `once(connection, random)`, on one connection as long as it lives."""
        dice, connection = random.Random(seed), None
        while not self.stop.is_set():
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.options.port, timeout=20)
                once(connection, dice)
                self.done(kind)
            except (OSError, http.client.HTTPException, AssertionError) as error:
                self.fail(kind, f"{type(error).__name__}: {error}")
                connection = connection and connection.close()
            self.stop.wait(0.02)
        if connection:
            connection.close()

    def upload(self, connection, dice):
        size = int(2 ** dice.uniform(0, 19))
        body = pattern.blocks(size)
        if dice.random() < 0.5:
            connection.request("POST", "/upload", body, self.header, encode_chunked=True)
        else:
            connection.request("POST", "/upload", b"".join(body), self.header)
        answer = connection.getresponse()
        text = answer.read().decode()
        wanted = f"{size} {pattern.checksum(size)}"
        assert (answer.status, text) == (200, wanted), f"{answer.status} {text[:80]!r}, not 200 {wanted!r}"

    def download(self, connection, dice):
        kib = dice.choice((64, 1024))
        connection.request("GET", f"/files/{kib}", headers=self.header)
        answer = connection.getresponse()
        body = answer.read()
        assert (answer.status, len(body)) == (200, kib * 1024), f"{answer.status} with {len(body)} bytes of {kib} KiB"
        assert zlib.crc32(body) == zlib.crc32(bytes(kib * 1024)), "other bytes than the upstream's"

    def aborter(self, seed):
        """Breaks off in every place that a client can, half the time with a reset."""
        dice = random.Random(seed)
        fields = "".join(f"{name}: {value}\r\n" for name, value in self.header.items()).encode()
        get = b"GET /files/1024 HTTP/1.1\r\nHost: soak\r\n" + fields + b"\r\n"
        post = b"POST /upload HTTP/1.1\r\nHost: soak\r\nContent-Length: 300000\r\n" + fields + b"\r\n"
        while not self.stop.wait(0.01):
            try:
                with socket.create_connection(("127.0.0.1", self.options.port), timeout=10) as client:
                    place = dice.choice(("nothing", "head", "waiting", "download", "upload"))
                    if place == "head":
                        client.sendall(get[: dice.randrange(1, len(get))])
                    elif place == "waiting":
                        client.sendall(get)
                    elif place == "download":
                        client.sendall(get)
                        client.recv(dice.randrange(1, 200_000))
                    elif place == "upload":
                        client.sendall(post + pattern.BLOCK[: dice.randrange(0, 250_000)])
                    time.sleep(dice.choice((0, 0, 0.01)))
                    if dice.random() < 0.5:
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.done("aborted")
            except OSError as error:
                # Being cut off first is no failure of the proxy, not being let in is.
                if isinstance(error, (ConnectionRefusedError, TimeoutError)):
                    self.fail("aborted", str(error))

    def wrk(self, kind, seconds, *arguments):
        out = subprocess.run(["wrk", "-t1", f"-d{seconds}", "--timeout", "10s", "-H", self.options.header, *arguments,
                              f"http://127.0.0.1:{self.options.port}/"], capture_output=True, text=True).stdout
        requests = re.search(r"(\d+) requests in", out)
        self.counts[kind] = int(requests[1]) if requests else 0
        complaint = re.search(r"(Socket errors:.*|Non-2xx.*)", out)
        if complaint or not self.counts[kind]:
            self.fail(kind, complaint[0] if complaint else "no requests")

    # -- what is watched --------------------------------------------------------------------------------------------

    def sample(self):
        while not self.stop.wait(0.5):
            self.memory.append((time.monotonic(), proc.rss_kib(self.pids) / 1024))

    def reload(self):
        while not self.stop.wait(RELOAD_EVERY):
            try:
                for pid in proc.parse_pids(self.options.pid):
                    os.kill(pid, signal.SIGHUP)
                self.done("reloads")
            except ProcessLookupError:
                self.fail("reload", "the process is gone")
                return

    def descriptors(self):
        """Open files, less pooled upstream connections: how many of those rest in a pool is the pool's affair."""
        count = 0
        for pid in self.pids:
            try:
                count += len(os.listdir(f"/proc/{pid}/fd"))
            except OSError:
                pass
        filters = f"dport = :{self.options.upstream}"
        out = subprocess.run(["ss", "-tnpH", filters], capture_output=True, text=True).stdout
        return count - sum(any(f"pid={pid}," in line for pid in self.pids) for line in out.splitlines())

    def active_streams(self):
        with urllib.request.urlopen(self.options.metrics, timeout=10) as answer:
            text = answer.read().decode()
        values = re.findall(r"^outrider_streams_active(?:\{[^}]*\})?\s+(\S+)", text, re.MULTILINE)
        return sum(map(float, values)) if values else None

    @staticmethod
    def settled(read, wanted):
        """What it reads in the end: as wanted, or whatever it still is after the settling time."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while not wanted(value := read()) and time.monotonic() < deadline:
            time.sleep(0.5)
        return value

    # -- the run ----------------------------------------------------------------------------------------------------

    def run(self):
        options, checks = self.options, []
        # Once through everything that opens files only once, before they are counted.
        self.wrk("warm-up", 2, "-c32")
        time.sleep(2)
        files = self.descriptors()

        jobs = [(self.wrk, ("keep-alive", options.seconds, "-c32")),
                (self.wrk, ("one request per connection", options.seconds, "-c4", "-H", "Connection: close")),
                (self.sample, ())]
        jobs += [(self.client, ("uploads", self.upload, self.random.random())) for _ in range(4)]
        jobs += [(self.client, ("downloads", self.download, self.random.random())) for _ in range(2)]
        jobs += [(self.aborter, (self.random.random(),)) for _ in range(4)]
        jobs += [(self.reload, ())] if options.reload else []
        threads = [threading.Thread(target=job, args=arguments, daemon=True) for job, arguments in jobs]
        start = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads[:2]:
            thread.join(options.seconds + 30)
        self.stop.set()
        for thread in threads:
            thread.join(25)

        # Medians of windows, as a collection a moment earlier or later is not a leak.
        def window(begin, end):
            inside = [mb for when, mb in self.memory if begin <= (when - start) / options.seconds <= end]
            return statistics.median(inside)

        warm, late = window(0.3, 0.4), window(0.9, 1)
        peak = max(mb for _, mb in self.memory)
        alive = all(os.path.exists(f"/proc/{pid}") for pid in proc.parse_pids(options.pid))
        files_after = self.settled(self.descriptors, lambda count: count <= files)

        print(", ".join(f"{count:,} {kind}" for kind, count in sorted(self.counts.items()) if kind != "warm-up"))
        checks.append((alive, "the process lives", "yes" if alive else "no"))
        checks.append((not self.failures, "no request failed",
                       f"{len(self.failures)} failed; first: {self.failures[0]}" if self.failures else "none"))
        checks.append((late - warm < GROWTH_MB, f"resident memory grows by < {GROWTH_MB} MB after warm-up",
                       f"{warm:.1f} MB, later {late:.1f} MB (peak {peak:.1f} MB)"))
        checks.append((files_after <= files, "no file is left open", f"{files} before, {files_after} after"))
        if options.metrics and alive:
            streams = self.settled(self.active_streams, lambda count: count == 0)
            checks.append((streams == 0, "no stream is left (outrider_streams_active)",
                           "no such metric" if streams is None else f"{streams:.0f}"))
        for holds, what, measured in checks:
            print(f"{'PASS' if holds else 'FAIL'}  {what}: {measured}")
        return 0 if all(holds for holds, _, _ in checks) else 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pid", required=True)
    parser.add_argument("--upstream", type=int, required=True, help="its port: connections to it may stay in a pool")
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--header", required=True)
    parser.add_argument("--reload", action="store_true", help=f"SIGHUP every {RELOAD_EVERY} s")
    parser.add_argument("--metrics", metavar="URL")
    options = parser.parse_args()
    try:
        return Soak(options).run()
    except Exception:
        # Not 1: a soak that broke says nothing about the proxy.
        traceback.print_exc()
        return 2


sys.exit(main())
