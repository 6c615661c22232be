"""A gRPC client in C, under Python: makes each kind of call through the proxy and prints what came of it."""
import sys

import grpc

target = sys.argv[1]
options = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0))
if len(sys.argv) > 2:
    with open(sys.argv[2], "rb") as authority:
        channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(authority.read()), options)
else:
    channel = grpc.insecure_channel(target, options)


def failed(call):
    try:
        return "no failure: " + repr(call())
    except grpc.RpcError as error:
        return error.code().name + " " + error.details()


echo = channel.unary_unary("/test.Peer/Echo")
answer, call = echo.with_call(b"hello", timeout=60)
begin = dict(call.initial_metadata())["x-begin"]
end = dict(call.trailing_metadata())
print("unary", answer.decode(), begin, end["x-end"], end["x-end-bin"].hex())
print("large", len(echo(b"y" * 5_000_000, timeout=60)))
print("server", [len(piece) for piece in channel.unary_stream("/test.Peer/Repeat")(b"3 70000", timeout=60)])
print("client", channel.stream_unary("/test.Peer/Count")((b"z" * 1000 for _ in range(300)), timeout=60).decode())
print("both", [piece.decode() for piece in channel.stream_stream("/test.Peer/Chat")(iter([b"a", b"b", b"stop", b"c"]), timeout=60)])
fail = channel.unary_unary("/test.Peer/Fail")
print("status", failed(lambda: fail("NOT_FOUND 100 % nö".encode(), timeout=60)))
print("late", failed(lambda: list(channel.stream_stream("/test.Peer/FailLate")(iter([]), timeout=60))))
print("nowhere", failed(lambda: channel.unary_unary("/test.Peer/Nowhere")(b"", timeout=60)))
wait = channel.unary_unary("/test.Peer/Wait")
print("deadline", failed(lambda: wait(b"", timeout=0.3)).split()[0])
future = channel.unary_stream("/test.Peer/WaitAfterOne")(b"", timeout=60)
next(future)
future.cancel()
print("cancel", future.code().name)
