"""MOSN's plugin service, made from its description at run time: Debian has no protoc plugin for Python's gRPC."""
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


def _describe():
    file = descriptor_pb2.FileDescriptorProto(name="plugin.proto", package="proto", syntax="proto3")
    for name, last, kind in (("Request", "type", _FIELD.TYPE_STRING), ("Response", "status", _FIELD.TYPE_INT32)):
        message = file.message_type.add(name=name)
        _add_map(message, "header", 1)
        _add_map(message, "trailer", 2)
        message.field.add(name="body", number=3, type=_FIELD.TYPE_BYTES, label=_FIELD.LABEL_OPTIONAL)
        message.field.add(name=last, number=4, type=kind, label=_FIELD.LABEL_OPTIONAL)
    return file.SerializeToString()


def _classes():
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(_describe())
    return [GetMessageClass(pool.FindMessageTypeByName("proto." + name)) for name in ("Request", "Response")]


Request, Response = _classes()


def plugin_service(call):
    """The service proto.Plugin with its one method, which call(request, context) answers."""
    method = grpc.unary_unary_rpc_method_handler(
        call, request_deserializer=Request.FromString, response_serializer=Response.SerializeToString
    )
    return grpc.method_handlers_generic_handler("proto.Plugin", {"Call": method})
