using System.Buffers.Binary;

namespace Outrider.Http.V2.Framing;

/// <summary>What holds for frames of a kind, whatever the state that they come in (RFC 9113 §6). Each throws <see cref="Http2Exception"/> where it does not hold.</summary>
internal static class FrameRules
{
    /// <summary>Of SETTINGS, PING and GOAWAY.</summary>
    internal static void CheckConnection(FrameHeader frame)
    {
        if (frame.StreamId != 0)
        {
            throw Http2Exception.Protocol($"a frame for the connection on stream {frame.StreamId}");
        }
    }

    internal static void CheckLength(ReadOnlySpan<byte> payload, int length)
    {
        if (payload.Length != length)
        {
            throw new Http2Exception(Http2Error.FrameSize, $"a frame of {payload.Length} bytes that must have {length}");
        }
    }

    /// <summary>Of SETTINGS, and of their answer (RFC 9113 §6.5).</summary>
    internal static void CheckSettings(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        CheckConnection(frame);
        if (frame.IsAnswer)
        {
            CheckLength(payload, 0);
        }
        else if (payload.Length % PeerSettings.EntrySize != 0)
        {
            throw new Http2Exception(Http2Error.FrameSize, "SETTINGS of a wrong size");
        }
    }

    /// <summary>By how much WINDOW_UPDATE lets a window grow (RFC 9113 §6.9).</summary>
    internal static int Increment(ReadOnlySpan<byte> payload)
    {
        CheckLength(payload, 4);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(payload) & int.MaxValue);
    }

    /// <summary>What DATA carries, without padding (RFC 9113 §6.1).</summary>
    internal static ReadOnlySpan<byte> Data(FrameHeader frame, ReadOnlySpan<byte> payload)
        => frame.Has(FrameFlags.Padded) ? Unpad(payload, 0) : payload;

    /// <summary>The part of a header block that HEADERS carries, without padding and priority (RFC 9113 §6.2).</summary>
    internal static ReadOnlySpan<byte> Fragment(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        int priority = frame.Has(FrameFlags.Priority) ? 5 : 0;
        if (frame.Has(FrameFlags.Padded))
        {
            return Unpad(payload, priority);
        }

        return payload.Length >= priority ? payload[priority..] : throw new Http2Exception(Http2Error.FrameSize, "HEADERS without the priority that it announces");
    }

    private static ReadOnlySpan<byte> Unpad(ReadOnlySpan<byte> payload, int before)
        => payload.Length > before && payload[0] <= payload.Length - 1 - before
            ? payload[(1 + before)..^payload[0]]
            : throw Http2Exception.Protocol("more padding than frame");
}
