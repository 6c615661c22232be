"""At the limit of descriptors: more clients than the proxy may have, for a while. Prints what came of them.

usage: limits.py PORT PID LIMIT SECONDS

Three kinds of clients, together more than LIMIT descriptors allow:
  silent      connect and say nothing, and connect again when they are closed
  askers      send one request after the other on a connection; one that rested may be closed by the proxy
  fresh       connect, ask once, close
Every request on a connection that the proxy has accepted and did not close before must have a whole answer; what waits to be accepted is
counted apart. Exit code 1 when the process has died, a request had no answer, or the proxy is not well a second after the clients have gone.
"""
import errno
import multiprocessing
import os
import selectors
import socket
import sys
import time

PORT, PID, LIMIT, SECONDS = (int(a) for a in sys.argv[1:5])
REQUEST = b"GET /%d HTTP/1.1\r\nHost: limits\r\n\r\n"
PATIENCE = 30
# What the proxy takes for rest where others wait (docs/engine.md).
REST = 1
OPEN = int(min(LIMIT * 1.3, LIMIT + 4000))
# A client process has descriptors of its own to keep within.
WORKERS = -(-OPEN // 8000)
IP_BIND_ADDRESS_NO_PORT = 24

selector = selectors.DefaultSelector()
count = {"answered": 0, "unanswered": 0, "closed before": 0, "slow": 0, "not accepted": 0, "silent closed": 0, "worst ms": 0, "not 200": 0}
made = 0


def connecting():
    """From several addresses: one has some 28,000 ports."""
    global made
    made += 1
    s = socket.socket()
    s.setblocking(False)
    s.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
    s.bind((f"127.0.0.{2 + made % 8}", 0))
    s.connect_ex(("127.0.0.1", PORT))
    return s


class Client:
    def __init__(self, kind):
        self.kind, self.got, self.sent_at, self.asked, self.socket = kind, b"", 0, 0, None
        self.connect()

    def connect(self):
        self.got, self.sent_at, self.answers = b"", 0, 0
        self.socket, self.made_at = connecting(), time.monotonic()
        selector.register(self.socket, selectors.EVENT_WRITE if self.kind != "silent" else selectors.EVENT_READ, self)

    def again(self):
        selector.unregister(self.socket)
        self.socket.close()
        self.connect()

    def ask(self):
        self.asked += 1
        try:
            self.socket.send(REQUEST % self.asked)
        except OSError:
            count["closed before"] += 1
            return self.again()
        self.got, self.sent_at = b"", time.monotonic()
        selector.modify(self.socket, selectors.EVENT_READ, self)

    def ready(self, events):
        if events & selectors.EVENT_WRITE:
            return self.ask()
        try:
            data = self.socket.recv(65536)
        except OSError as e:
            if e.errno == errno.EAGAIN:
                return
            data = b""
        if not data:
            if self.kind == "silent":
                count["silent closed"] += 1
            elif self.sent_at:
                # The request may have crossed the close of a connection that rested: after an answer, or where this process, which has
                # thousands of them, took more than a second to send the first one.
                rested = self.answers or self.sent_at - self.made_at > REST
                count["closed before" if rested and not self.got else "unanswered"] += 1
            return self.again()
        self.got += data
        head, end, body = self.got.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0):
            count["answered"] += 1
            if not head.startswith(b"HTTP/1.1 200"):
                count["not 200"] += 1
                status = head.partition(b"\r\n")[0].decode("latin-1")
                count[status] = count.get(status, 0) + 1
            count["worst ms"] = max(count["worst ms"], round((time.monotonic() - self.sent_at) * 1000))
            self.sent_at, self.answers = 0, self.answers + 1
            if self.kind == "fresh" or b"connection: close" in head.lower():
                self.again()
            else:
                selector.modify(self.socket, selectors.EVENT_WRITE, self)


def waiting():
    """The ports of clients whose connections wait in the kernel's queue: nobody has a file of them yet (proc_pid_net(5))."""
    local = f"0100007F:{PORT:04X}"
    with open("/proc/net/tcp") as f:
        rows = (line.split() for line in f)
        return {int(row[2].partition(":")[2], 16) for row in rows if row[1] == local and row[9] == "0"}


def alive():
    try:
        os.kill(PID, 0)
        with open(f"/proc/{PID}/stat") as f:
            return f.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ticks():
    with open(f"/proc/{PID}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def most_descriptors(before):
    try:
        return max(before, len(os.listdir(f"/proc/{PID}/fd")))
    except OSError:
        return before


def work(share, barrier, results):
    clients, looked, most, end = [], 0, 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        for _ in range(min(50, share - len(clients))):
            n = len(clients)
            clients.append(Client("asker" if n % 8 == 0 else "fresh" if n % 8 == 1 else "silent"))
        for key, events in selector.select(0.05):
            key.data.ready(events)
        now = time.monotonic()
        if now - looked > 1:
            looked = now
            if not alive():
                break
            most = most_descriptors(most)
            late = [client for client in clients if client.sent_at and now - client.sent_at > PATIENCE]
            queued = waiting() if late else ()
            for client in late:
                count["not accepted" if client.socket.getsockname()[1] in queued else "slow"] += 1
                client.again()
    for client in clients:
        selector.unregister(client.socket)
        client.socket.close()
    barrier.wait()
    # Everybody comes and nobody asks.
    silent = [connecting() for _ in range(share)]
    barrier.wait()
    barrier.wait()
    for s in silent:
        s.close()
    results.put((most, count))


barrier, results = multiprocessing.Barrier(WORKERS + 1), multiprocessing.Queue()
workers = [multiprocessing.Process(target=work, args=(OPEN // WORKERS, barrier, results)) for _ in range(WORKERS)]
for worker in workers:
    worker.start()
barrier.wait()
barrier.wait()
time.sleep(1)
before = ticks() if alive() else 0
time.sleep(2)
spun = (ticks() - before) / 2 / os.sysconf("SC_CLK_TCK") if alive() else 0
barrier.wait()
most = 0
for _ in workers:
    seen, counted = results.get()
    most = max(most, seen)
    for key, value in counted.items():
        count[key] = max(count[key], value) if key == "worst ms" else count.get(key, 0) + value
for worker in workers:
    worker.join()

well, began = False, time.monotonic()
try:
    with socket.create_connection(("127.0.0.1", PORT), 5) as s:
        s.sendall(REQUEST % 0)
        well = s.recv(65536).startswith(b"HTTP/1.1 200")
except OSError:
    pass
took = time.monotonic() - began
print(f"limit {LIMIT}, {OPEN} clients, {SECONDS} s: most descriptors {most}, {count}, "
      f"{spun:.0%} of a core while all wait, {'well' if well else 'NOT well'} again after {took * 1000:.0f} ms")
failed = count["unanswered"] or count["slow"] or count["not 200"] or not well or took > 1 or not alive()
sys.exit(1 if failed else 0)
