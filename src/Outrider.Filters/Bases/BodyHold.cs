using System.Buffers;

namespace Outrider.Filters;

/// <summary>
/// Body bytes that a stream holds: for a filter to look at, for a connection that is not ready yet, or until a message is
/// whole; for a filter that is still at work when the base takes the original back. One contiguous piece of pooled memory,
/// given back by <see cref="Release"/>. Belongs to one stream. For bases, not for filters.
/// </summary>
internal sealed class BodyHold : BodyBuffer
{
    private byte[] _bytes = [];
    private int _start;
    private int _end;

    public override int Length => _end - _start;

    public override int SliceCount => _end > _start ? 1 : 0;

    /// <summary>What is held, for whoever has to pin it while an address of it is lent out. Good until the next change.</summary>
    internal ReadOnlyMemory<byte> Memory => _bytes.AsMemory(_start, _end - _start);

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
