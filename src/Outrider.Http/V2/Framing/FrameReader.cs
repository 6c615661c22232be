using System.Buffers;
using System.Runtime.CompilerServices;

namespace Outrider.Http.V2.Framing;

/// <summary>
/// Cuts what arrives into frames. DATA without padding is handed over as it comes; all others whole, for which one that comes in
/// pieces is gathered. A part of its connection, never copied.
/// </summary>
/// <param name="maxLength">The longest payload that is taken.</param>
internal struct FrameReader(int maxLength)
{
    private readonly int _maxLength = maxLength;
    private byte[]? _payload;
    private int _payloadLength;
    private int _left;
    private FrameHeader _frame;
    private HeadBytes _head;
    private byte _headLength;

    /// <summary>The frame at hand.</summary>
    internal readonly FrameHeader Frame => _frame;

    /// <summary>Is there more of the frame at hand to come?</summary>
    internal readonly bool HasMore => _left > 0;

    /// <summary>Has nothing of a frame come?</summary>
    internal readonly bool IsFresh => _headLength == 0 && _left == 0;

    /// <summary>The next frame, or the next piece of DATA; false when more bytes are needed.</summary>
    /// <param name="data">What arrived; what was used is taken off.</param>
    /// <param name="payload">Good until the next call.</param>
    /// <exception cref="Http2Exception">The frame is too long.</exception>
    internal bool Read(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> payload)
    {
        if (_left > 0)
        {
            return ReadPayload(ref data, out payload);
        }

        payload = default;
        Drop();
        int count = Math.Min(FrameHeader.Size - _headLength, data.Length);
        if (_headLength > 0 || count < FrameHeader.Size)
        {
            data[..count].CopyTo(((Span<byte>)_head)[_headLength..]);
            data = data[count..];
            _headLength += (byte)count;
            if (_headLength < FrameHeader.Size)
            {
                return false;
            }

            _frame = FrameHeader.Read(_head);
            _headLength = 0;
        }
        else
        {
            _frame = FrameHeader.Read(data);
            data = data[FrameHeader.Size..];
        }

        if (_frame.Length > _maxLength)
        {
            throw new Http2Exception(Http2Error.FrameSize, $"a frame of {_frame.Length} bytes");
        }

        _left = _frame.Length;
        return _left == 0 || ReadPayload(ref data, out payload);
    }

    /// <summary>Gives its memory back; nothing is read after it.</summary>
    internal void Release() => Drop();

    private bool ReadPayload(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> payload)
    {
        int count = Math.Min(_left, data.Length);
        var piece = data[..count];
        data = data[count..];
        payload = default;
        bool inPieces = _frame.Type == FrameType.Data && !_frame.Has(FrameFlags.Padded);
        if (inPieces || count == _frame.Length)
        {
            _left -= count;
            payload = piece;
            return count > 0;
        }

        _payload ??= ArrayPool<byte>.Shared.Rent(_frame.Length);
        piece.CopyTo(_payload.AsSpan(_payloadLength));
        _payloadLength += count;
        _left -= count;
        if (_left > 0)
        {
            return false;
        }

        payload = _payload.AsSpan(0, _payloadLength);
        return true;
    }

    private void Drop()
    {
        if (_payload is not null)
        {
            ArrayPool<byte>.Shared.Return(_payload);
            _payload = null;
        }

        _payloadLength = 0;
    }

    /// <summary>The first nine bytes of a frame, when they come in pieces.</summary>
    [InlineArray(FrameHeader.Size)]
    private struct HeadBytes
    {
        private byte _first;
    }
}
