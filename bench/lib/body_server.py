"""body_server.py PORT: an upstream for bodies.

GET /N answers N bytes of the pattern. POST answers "COUNT CRC32" of the body it got; POST /stall first reads one KiB
a second for five seconds. Keeps connections alive; takes Content-Length and chunked bodies.
"""

import socket
import sys
import threading
import time
import zlib

import pattern


class Connection:
    def __init__(self, peer):
        self.peer, self.buffer = peer, b""

    def more(self, size=1 << 20):
        data = self.peer.recv(size)
        if not data:
            raise EOFError
        self.buffer += data

    def until(self, end):
        while end not in self.buffer:
            self.more(65536)
        piece, _, self.buffer = self.buffer.partition(end)
        return piece

    def body(self, size):
        """The next `size` bytes in pieces, never more."""
        while size:
            if not self.buffer:
                self.more()
            piece, self.buffer = self.buffer[:size], self.buffer[size:]
            size -= len(piece)
            yield piece

    def chunks(self):
        while size := int(self.until(b"\r\n").split(b";")[0], 16):
            yield from self.body(size)
            self.until(b"\r\n")
        while self.until(b"\r\n"):
            pass

    def post(self, path, fields):
        if path == b"/stall":
            end = time.time() + 5
            while time.time() < end:
                self.more(1024)
                time.sleep(1)
        chunked = b"chunked" in fields.get(b"transfer-encoding", b"").lower()
        count = crc = 0
        for piece in self.chunks() if chunked else self.body(int(fields.get(b"content-length", b"0"))):
            count, crc = count + len(piece), zlib.crc32(piece, crc)
        text = b"%d %d" % (count, crc)
        self.peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))

    def get(self, path):
        size = int(path.strip(b"/") or b"0")
        self.peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for block in pattern.blocks(size):
            self.peer.sendall(block)

    def serve(self):
        try:
            while True:
                line, *rest = self.until(b"\r\n\r\n").split(b"\r\n")
                method, path, _ = line.split(b" ")
                fields = {name.lower(): value.strip() for name, _, value in (field.partition(b":") for field in rest)}
                if method == b"GET":
                    self.get(path)
                else:
                    self.post(path, fields)
        except (EOFError, OSError, ValueError):
            pass
        finally:
            self.peer.close()


def main():
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen(1000)
    while True:
        threading.Thread(target=Connection(listener.accept()[0]).serve, daemon=True).start()


main()
