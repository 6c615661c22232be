using System.Buffers.Binary;
using Outrider.Net;

namespace Outrider.Http.V2;

/// <summary>Writes frames straight into a connection's output.</summary>
internal static class FrameWriter
{
    internal static void Write(Connection connection, FrameType type, FrameFlags flags, int id, ReadOnlySpan<byte> payload)
    {
        new FrameHeader(payload.Length, type, flags, id).Write(connection.GetSpan(FrameHeader.Size));
        connection.Advance(FrameHeader.Size);
        connection.Write(payload);
    }

    /// <summary>A header block, in as many frames as it takes.</summary>
    internal static void WriteBlock(Connection connection, int id, ReadOnlySpan<byte> block, bool endStream)
    {
        var type = FrameType.Headers;
        var flags = endStream ? FrameFlags.EndStream : FrameFlags.None;
        do
        {
            var piece = block[..Math.Min(block.Length, FrameHeader.DefaultMaxLength)];
            block = block[piece.Length..];
            Write(connection, type, block.IsEmpty ? flags | FrameFlags.EndHeaders : flags, id, piece);
            type = FrameType.Continuation;
            flags = FrameFlags.None;
        }
        while (!block.IsEmpty);
    }

    internal static void WriteReset(Connection connection, int id, Http2Error code)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)code);
        Write(connection, FrameType.ResetStream, FrameFlags.None, id, payload);
    }

    internal static void WriteWindowUpdate(Connection connection, int id, int more)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, more);
        Write(connection, FrameType.WindowUpdate, FrameFlags.None, id, payload);
    }

    /// <summary>Of no stream of the peer's: it was allowed none.</summary>
    internal static void WriteGoAway(Connection connection, Http2Error code)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(payload, (uint)code);
        Write(connection, FrameType.GoAway, FrameFlags.None, 0, payload);
    }
}
