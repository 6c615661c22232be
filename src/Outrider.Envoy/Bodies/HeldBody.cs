using System.Buffers;
using Outrider.Filters;

namespace Outrider.Envoy.Bodies;

/// <summary>Body bytes in memory of our own: a piece whose filter is still at work on it when Envoy takes the original back. One contiguous piece of pooled memory.</summary>
internal sealed class HeldBody : BodyBuffer
{
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public override int Length => _end - _start;

    public override int SliceCount => _end > _start ? 1 : 0;

    internal ReadOnlySpan<byte> Span => _bytes.AsSpan(_start, _end - _start);

    public override ReadOnlySpan<byte> GetSlice(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(index, 0);
        return Span;
    }

    public override void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _end < bytes.Length)
        {
            Grow(bytes.Length);
        }

        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    public override void Drain(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    /// <summary>Adds what another holds.</summary>
    internal void AppendAll(BodyBuffer other)
    {
        for (int i = 0; i < other.SliceCount; i++)
        {
            Append(other.GetSlice(i));
        }
    }

    /// <summary>Forgets the bytes and gives the memory back.</summary>
    internal void Release()
    {
        _start = _end = 0;
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private void Grow(int more)
    {
        int length = Length;
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1024, (int)Math.Min(Array.MaxLength, Math.Max(length * 2L, (long)length + more))));
        Span.CopyTo(bytes);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = bytes;
        _start = 0;
        _end = length;
    }
}
