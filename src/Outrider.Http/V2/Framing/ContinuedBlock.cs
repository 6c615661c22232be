using System.Buffers;

namespace Outrider.Http.V2.Framing;

/// <summary>A header block that comes in several frames, HEADERS and CONTINUATION (RFC 9113 §4.3): gathered here, up to a limit. A part of its connection.</summary>
internal struct ContinuedBlock
{
    private byte[]? _bytes;
    private int _length;

    /// <summary>Is one under way? Nothing else may come then.</summary>
    internal readonly bool IsOpen => _bytes is not null;

    /// <summary>Whose it is, as its first frame said.</summary>
    internal int StreamId { get; private set; }

    /// <summary>Does the stream end with it, as its first frame said?</summary>
    internal bool EndsStream { get; private set; }

    /// <summary>What has come; good until <see cref="Drop"/>.</summary>
    internal readonly ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>HEADERS that are not the whole block.</summary>
    /// <exception cref="Http2Exception">The fragment is longer than <paramref name="limit"/>.</exception>
    internal void Begin(FrameHeader frame, ReadOnlySpan<byte> fragment, int limit)
    {
        _bytes = ArrayPool<byte>.Shared.Rent(limit);
        _length = 0;
        StreamId = frame.StreamId;
        EndsStream = frame.Has(FrameFlags.EndStream);
        Add(fragment, limit);
    }

    /// <summary>CONTINUATION.</summary>
    /// <exception cref="Http2Exception">It continues no block, or the block is longer than <paramref name="limit"/>.</exception>
    internal void Continue(FrameHeader frame, ReadOnlySpan<byte> fragment, int limit)
    {
        if (!IsOpen || frame.StreamId != StreamId)
        {
            throw Http2Exception.Protocol("CONTINUATION of nothing");
        }

        Add(fragment, limit);
    }

    internal void Drop()
    {
        if (_bytes is not null)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = null;
        }
    }

    private void Add(ReadOnlySpan<byte> fragment, int limit)
    {
        if (_length + fragment.Length > limit)
        {
            throw new Http2Exception(Http2Error.EnhanceYourCalm, $"a header block of more than {limit} bytes");
        }

        fragment.CopyTo(_bytes.AsSpan(_length));
        _length += fragment.Length;
    }
}
