using System.Buffers.Binary;

namespace Outrider.Http.V2.Framing;

/// <summary>The nine bytes before every frame's payload (RFC 9113 §4.1).</summary>
internal readonly record struct FrameHeader(int Length, FrameType Type, FrameFlags Flags, int StreamId)
{
    internal const int Size = 9;

    internal const int Ack = 1;

    /// <summary>The longest payload that everyone takes, and the longest that we take.</summary>
    internal const int DefaultMaxLength = 16384;

    /// <summary>Is it the answer to one of ours (ACK)? Of SETTINGS and PING.</summary>
    internal bool IsAnswer => ((int)Flags & Ack) != 0;

    internal bool Has(FrameFlags flag) => (Flags & flag) != 0;

    internal static FrameHeader Read(ReadOnlySpan<byte> bytes) => new(
        (bytes[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]),
        (FrameType)bytes[3],
        (FrameFlags)bytes[4],
        // The first bit means nothing.
        (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes[5..]) & int.MaxValue));

    internal void Write(Span<byte> to)
    {
        to[0] = (byte)(Length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(to[1..], (ushort)Length);
        to[3] = (byte)Type;
        to[4] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(to[5..], StreamId);
    }
}
