"""A gRPC server whose methods take and give bytes: what tests of the proxy call. Prints its port, then what happens to calls."""
import sys
import threading
from concurrent import futures

import grpc

tries = {}
lock = threading.Lock()


def say(text):
    print(text, flush=True)


def echo(request, context):
    context.send_initial_metadata((("x-begin", "here"),))
    context.set_trailing_metadata((("x-end", "there"), ("x-end-bin", b"\x00\xff")))
    return request


def repeat(request, context):
    count, size = (int(number) for number in request.split())
    for _ in range(count):
        yield b"x" * size


def count(requests, context):
    messages = size = 0
    for request in requests:
        messages += 1
        size += len(request)
    return b"%d messages, %d bytes" % (messages, size)


def chat(requests, context):
    for request in requests:
        if request == b"stop":
            return
        yield b"you said " + request


def fail(request, context):
    code, message = request.decode().split(" ", 1)
    context.abort(getattr(grpc.StatusCode, code), message)


def fail_late(requests, context):
    yield b"one"
    context.abort(grpc.StatusCode.DATA_LOSS, "no more")


def flaky(request, context):
    """Fails so many times with a status: "2 UNAVAILABLE key"."""
    times, code, key = request.decode().split()
    with lock:
        tries[key] = tries.get(key, 0) + 1
        number = tries[key]
    if number <= int(times):
        context.abort(getattr(grpc.StatusCode, code), "not yet")
    return b"try %d" % number


def wait(request, context):
    gone = threading.Event()
    if not context.add_callback(gone.set):
        # It was cancelled before.
        gone.set()
    say("waiting")
    gone.wait(60)
    say("cancelled")


def wait_after_one(request, context):
    yield b"one"
    wait(request, context)


def check(request, context):
    """grpc.health.v1: the service is field 1 of the request, the status field 1 of the response."""
    service = request[2:].decode()
    if service == "unknown":
        context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
    return b"\x08\x02" if service == "bad" else b"\x08\x01"


METHODS = {
    "Check": grpc.unary_unary_rpc_method_handler(check),
    "Echo": grpc.unary_unary_rpc_method_handler(echo),
    "Fail": grpc.unary_unary_rpc_method_handler(fail),
    "Flaky": grpc.unary_unary_rpc_method_handler(flaky),
    "Wait": grpc.unary_unary_rpc_method_handler(wait),
    "Repeat": grpc.unary_stream_rpc_method_handler(repeat),
    "WaitAfterOne": grpc.unary_stream_rpc_method_handler(wait_after_one),
    "Count": grpc.stream_unary_rpc_method_handler(count),
    "Chat": grpc.stream_stream_rpc_method_handler(chat),
    "FailLate": grpc.stream_stream_rpc_method_handler(fail_late),
}


class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        return METHODS.get(details.method.rsplit("/", 1)[1])


server = grpc.server(
    futures.ThreadPoolExecutor(16),
    options=(("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.so_reuseport", 0)),
)
server.add_generic_rpc_handlers((Handler(),))
say(server.add_insecure_port("127.0.0.1:0"))
server.start()
sys.stdin.read()
server.stop(0)
