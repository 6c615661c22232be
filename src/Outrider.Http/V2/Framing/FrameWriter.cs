using System.Buffers.Binary;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Framing;

/// <summary>Writes frames straight into a connection's output.</summary>
internal static class FrameWriter
{
    internal static void Write(Transport transport, FrameType type, FrameFlags flags, int id, ReadOnlySpan<byte> payload)
    {
        new FrameHeader(payload.Length, type, flags, id).Write(transport.GetSpan(FrameHeader.Size));
        transport.Advance(FrameHeader.Size);
        transport.Write(payload);
    }

    /// <summary>A header block, in as many frames as it takes.</summary>
    internal static void WriteBlock(Transport transport, int id, ReadOnlySpan<byte> block, bool endStream)
    {
        var type = FrameType.Headers;
        var flags = endStream ? FrameFlags.EndStream : FrameFlags.None;
        do
        {
            var piece = block[..Math.Min(block.Length, FrameHeader.DefaultMaxLength)];
            block = block[piece.Length..];
            Write(transport, type, block.IsEmpty ? flags | FrameFlags.EndHeaders : flags, id, piece);
            type = FrameType.Continuation;
            flags = FrameFlags.None;
        }
        while (!block.IsEmpty);
    }

    internal static void WriteReset(Transport transport, int id, Http2Error code)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, (uint)code);
        Write(transport, FrameType.ResetStream, FrameFlags.None, id, payload);
    }

    internal static void WriteWindowUpdate(Transport transport, int id, int more)
    {
        Span<byte> payload = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(payload, more);
        Write(transport, FrameType.WindowUpdate, FrameFlags.None, id, payload);
    }

    /// <summary>Says goodbye.</summary>
    /// <param name="transport">The connection.</param>
    /// <param name="code">Why.</param>
    /// <param name="lastId">The peer's last stream that is or may have been served; 0 where it was allowed none.</param>
    internal static void WriteGoAway(Transport transport, Http2Error code, int lastId = 0)
    {
        Span<byte> payload = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, lastId);
        BinaryPrimitives.WriteUInt32BigEndian(payload[4..], (uint)code);
        Write(transport, FrameType.GoAway, FrameFlags.None, 0, payload);
    }
}
