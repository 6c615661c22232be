"""A rate limit service in gRPC (envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit), for tests. It counts, unless the entry "do" of a descriptor says otherwise. Prints its port."""
import sys
import threading
import time
from concurrent import futures

import grpc

from wire import field, fields, text

OK, OVER_LIMIT = 1, 2
MINUTE = 2

lock = threading.Lock()
counts = {}


def entries(descriptor):
    return [(text(entry, 1), text(entry, 2)) for entry in fields(descriptor).get(1, [])]


def told(request):
    asked = fields(request)
    described = []
    for descriptor in asked.get(2, []):
        hits = fields(descriptor).get(3)
        described.append(",".join(f"{key}={value}" for key, value in entries(descriptor)) + ("" if hits is None else f"*{fields(hits[0]).get(1, [0])[0]}"))
    return f"{text(request, 1)}|{asked.get(3, [0])[0]}|{';'.join(described)}"


def header(name, value):
    return field(1, name) + field(2, value)


def status(code, limit, left):
    current = field(1, limit) + field(2, MINUTE) + field(3, "per-user")
    return field(1, code) + field(2, current) + (field(3, left) if left else b"") + field(4, field(1, 42))


def counted(request):
    """Descriptors with the entry "limit" are limited to that number; a limit of each is reached where one of them is."""
    over, statuses = False, b""
    hits = fields(request).get(3, [0])[0] or 1
    with lock:
        for descriptor in fields(request).get(2, []):
            limit = dict(entries(descriptor)).get("limit")
            if limit is None:
                statuses += field(2, field(1, OK))
                continue
            key = (text(request, 1), descriptor)
            counts[key] = counts.get(key, 0) + hits
            code = OVER_LIMIT if counts[key] > int(limit) else OK
            over = over or code == OVER_LIMIT
            statuses += field(2, status(code, int(limit), max(0, int(limit) - counts[key])))
    return field(1, OVER_LIMIT if over else OK) + statuses


def should_rate_limit(request, context):
    do = dict(pair for descriptor in fields(request).get(2, []) for pair in entries(descriptor)).get("do")
    if do == "tell":
        return field(1, OK) + field(3, header("x-told", told(request)))
    if do == "slow":
        time.sleep(3)
    if do == "error":
        context.abort(grpc.StatusCode.UNAVAILABLE, "not today")
    if do == "malformed":
        return b"\xff\xff\xff"
    if do == "name":
        return field(1, OK) + field(4, header("bad name", "1"))
    if do == "nothing":
        return b""
    if do == "add":
        return field(1, OK) + field(3, header("x-limit", "a")) + field(3, header("x-limit", "b")) + field(4, header("x-plan", "gold"))
    if do == "over":
        return field(1, OVER_LIMIT) + field(3, header("x-why", "spent")) + field(3, header("content-type", "application/json")) + field(5, '{"error":"spent"}')
    if do == "bare":
        return field(1, OVER_LIMIT)
    return counted(request)


class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit":
            return grpc.unary_unary_rpc_method_handler(should_rate_limit)


server = grpc.server(futures.ThreadPoolExecutor(16), options=(("grpc.so_reuseport", 0),))
server.add_generic_rpc_handlers((Handler(),))
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
sys.stdin.read()
server.stop(0)
