"""An authorization service in gRPC (envoy.service.auth.v3.Authorization/Check), for tests. What it answers depends on the path. Prints its port."""
import sys
import threading
import time
from concurrent import futures

import grpc

from wire import field, fields, one, text


def pairs(message, number):
    return {text(entry, 1): text(entry, 2) for entry in fields(message).get(number, [])}


def option(name, value, append=None):
    return field(1, field(1, name) + field(2, value)) + (b"" if append is None else field(2, field(1, append)))


def denied(status, body="", *headers):
    return field(1, field(1, 7)) + field(2, field(1, field(1, status)) + b"".join(field(2, h) for h in headers) + field(3, body))


def told(attributes):
    http = one(attributes, 4, 2)
    headers = pairs(http, 3)
    size = fields(http).get(9, [0])[0]
    return "\n".join(
        [
            "method " + text(http, 2),
            "path " + text(http, 4),
            "host " + text(http, 5),
            "scheme " + text(http, 6),
            "protocol " + text(http, 10),
            "size %d" % (size - (1 << 64) if size >> 63 else size),
            "body " + text(http, 11),
            "raw " + text(http, 12),
            "source " + text(attributes, 1, 1, 1, 2),
            "port %s" % (one(attributes, 1, 1, 1, 3) > 0),
            "extensions %s" % sorted(pairs(attributes, 10).items()),
            "headers %s" % sorted((k, v) for k, v in headers.items() if k in ("x-a", "x-b", ":path", ":method", "authorization", "x-envoy-auth-partial-body")),
        ]
    )


def check(request, context):
    attributes = one(request, 1)
    path = text(attributes, 4, 2, 4).split("?")[0]
    if path.endswith("/tell"):
        return denied(418, told(attributes))
    if path.endswith("/deny"):
        return denied(401, "who are you?", option("www-authenticate", "Custom"), option("x-reason", "none"))
    if path.endswith("/bare"):
        return field(1, field(1, 16))
    if path.endswith("/error"):
        context.abort(grpc.StatusCode.UNAVAILABLE, "not today")
    if path.endswith("/slow"):
        time.sleep(3)
    if path.endswith("/allow"):
        ok = field(2, option("x-user", "alice")) + field(2, option("x-more", "two", 1)) + field(5, "x-secret")
        ok += field(6, option("x-checked", "yes")) + field(6, option("x-checked", "twice"))
        return field(1, b"") + field(3, ok)
    if path.endswith("/wrong"):
        return field(1, b"") + field(3, field(2, option("bad name", "1")))
    return field(1, b"")


class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/envoy.service.auth.v3.Authorization/Check":
            return grpc.unary_unary_rpc_method_handler(check)


server = grpc.server(futures.ThreadPoolExecutor(16), options=(("grpc.so_reuseport", 0),))
server.add_generic_rpc_handlers((Handler(),))
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
sys.stdin.read()
server.stop(0)
