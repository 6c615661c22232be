"""MOSN's plugin protocol for Python, with Debian's python3-grpcio: copy it beside your plugin and call serve()."""
import os
import signal
import sys
import tempfile
from concurrent import futures
from threading import Event

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool

try:
    from google.protobuf.message_factory import GetMessageClass
except ImportError:  # Debian 12's protobuf 3.21
    from google.protobuf.message_factory import MessageFactory

    def GetMessageClass(descriptor):
        return MessageFactory().GetPrototype(descriptor)

_FIELD = descriptor_pb2.FieldDescriptorProto


def _add_map(message, name, number):
    entry = message.nested_type.add(name=name.capitalize() + "Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    entry.field.add(name="value", number=2, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_OPTIONAL)
    message.field.add(
        name=name, number=number, type=_FIELD.TYPE_MESSAGE, label=_FIELD.LABEL_REPEATED, type_name=f".proto.{message.name}.{entry.name}"
    )


def _classes():
    """The messages, from their description at run time: Debian has no protoc plugin for Python's gRPC."""
    file = descriptor_pb2.FileDescriptorProto(name="plugin.proto", package="proto", syntax="proto3")
    for name, last, kind in (("Request", "type", _FIELD.TYPE_STRING), ("Response", "status", _FIELD.TYPE_INT32)):
        message = file.message_type.add(name=name)
        _add_map(message, "header", 1)
        _add_map(message, "trailer", 2)
        message.field.add(name="body", number=3, type=_FIELD.TYPE_BYTES, label=_FIELD.LABEL_OPTIONAL)
        message.field.add(name=last, number=4, type=kind, label=_FIELD.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return [GetMessageClass(pool.FindMessageTypeByName("proto." + name)) for name in ("Request", "Response")]


Request, Response = _classes()


def serve(call, workers=8):
    """Listens, prints the handshake, and answers with call(request, context) until the proxy ends this process or is gone."""
    if os.environ.get("MOSN_PLUGIN") != "ON":
        sys.exit("This program is a plugin: a proxy starts it.")
    parent = os.getppid()
    method = grpc.unary_unary_rpc_method_handler(
        call, request_deserializer=Request.FromString, response_serializer=Response.SerializeToString
    )
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=workers))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("proto.Plugin", {"Call": method})])
    folder = os.environ.get("PLUGIN_UNIX_SOCKET_DIR") or tempfile.gettempdir()
    path = os.path.join(folder, f"plugin{os.getpid()}")
    server.add_insecure_port("unix:" + path)
    server.start()
    stopped = Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    print(f"1|1|unix|{path}|grpc", flush=True)
    # The proxy ends its plugins when it ends; this is for the day that it could not.
    while not stopped.wait(1) and os.getppid() == parent:
        pass
    server.stop(1).wait()
    if os.path.exists(path):
        os.unlink(path)
