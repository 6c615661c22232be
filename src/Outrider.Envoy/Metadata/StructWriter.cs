using System.Buffers.Binary;
using System.Text.Json;
using System.Text;

namespace Outrider.Envoy.Metadata;

/// <summary>
/// Writes JSON as a <c>google.protobuf.Struct</c> (protobuf.dev, struct.proto, and "Encoding"): a map of fields, whose values
/// are null, a number, text, a flag, a map or a list. By hand, as a module has no use for the rest of a protobuf library.
/// </summary>
internal static class StructWriter
{
    // A field's number, shifted by three, and how it is written: 0 a varint, 1 eight bytes, 2 a length and that many bytes.
    private const byte Entry = (1 << 3) | 2;
    private const byte EntryKey = (1 << 3) | 2;
    private const byte EntryValue = (2 << 3) | 2;
    private const byte NullValue = 1 << 3;
    private const byte NumberValue = (2 << 3) | 1;
    private const byte StringValue = (3 << 3) | 2;
    private const byte BoolValue = 4 << 3;
    private const byte StructValue = (5 << 3) | 2;
    private const byte ListValue = (6 << 3) | 2;
    private const byte ListElement = (1 << 3) | 2;

    internal static byte[] Write(JsonElement json)
    {
        using var message = new MemoryStream();
        WriteMembers(message, json);
        return message.ToArray();
    }

    private static void WriteMembers(MemoryStream to, JsonElement json)
    {
        foreach (var member in json.EnumerateObject())
        {
            using var entry = new MemoryStream();
            WriteBytes(entry, EntryKey, Encoding.UTF8.GetBytes(member.Name));
            WriteBytes(entry, EntryValue, ToValue(member.Value));
            WriteBytes(to, Entry, entry.GetBuffer().AsSpan(0, (int)entry.Length));
        }
    }

    private static byte[] ToValue(JsonElement json)
    {
        using var value = new MemoryStream();
        using var inner = new MemoryStream();
        switch (json.ValueKind)
        {
            case JsonValueKind.Number:
                Span<byte> number = stackalloc byte[sizeof(double)];
                BinaryPrimitives.WriteDoubleLittleEndian(number, json.GetDouble());
                value.WriteByte(NumberValue);
                value.Write(number);
                break;
            case JsonValueKind.String:
                WriteBytes(value, StringValue, Encoding.UTF8.GetBytes(json.GetString()!));
                break;
            case JsonValueKind.True or JsonValueKind.False:
                value.Write([BoolValue, json.ValueKind == JsonValueKind.True ? (byte)1 : (byte)0]);
                break;
            case JsonValueKind.Object:
                WriteMembers(inner, json);
                WriteBytes(value, StructValue, inner.GetBuffer().AsSpan(0, (int)inner.Length));
                break;
            case JsonValueKind.Array:
                foreach (var element in json.EnumerateArray())
                {
                    WriteBytes(inner, ListElement, ToValue(element));
                }

                WriteBytes(value, ListValue, inner.GetBuffer().AsSpan(0, (int)inner.Length));
                break;
            default:
                value.Write([NullValue, 0]);
                break;
        }

        return value.ToArray();
    }

    private static void WriteBytes(MemoryStream to, byte tag, ReadOnlySpan<byte> bytes)
    {
        to.WriteByte(tag);
        uint length = (uint)bytes.Length;
        for (; length >= 0x80; length >>= 7)
        {
            to.WriteByte((byte)(length | 0x80));
        }

        to.WriteByte((byte)length);
        to.Write(bytes);
    }
}
