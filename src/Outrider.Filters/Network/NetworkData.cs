namespace Outrider.Filters;

/// <summary>Bytes of one direction of a connection as a network filter sees them: it may read, replace and drop them while its call lasts.</summary>
public sealed class NetworkData
{
    private byte[] _bytes = [];
    private int _start, _end;

    /// <summary>The bytes, good until they are changed or the call is done.</summary>
    /// <exception cref="InvalidOperationException">The call is over.</exception>
    public ReadOnlySpan<byte> Span => IsOpen ? Bytes : throw Over();

    /// <summary>How many there are.</summary>
    /// <exception cref="InvalidOperationException">The call is over.</exception>
    public int Length => IsOpen ? Count : throw Over();

    /// <summary>May the filter use it?</summary>
    internal bool IsOpen { get; set; }

    internal int Count => _end - _start;

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_start.._end);

    /// <summary>Puts others in their place.</summary>
    /// <param name="bytes">The others, which are copied; may be a part of <see cref="Span"/>.</param>
    /// <exception cref="InvalidOperationException">The call is over.</exception>
    public void Replace(ReadOnlySpan<byte> bytes)
    {
        if (!IsOpen)
        {
            throw Over();
        }

        byte[] copy = bytes.ToArray();
        (_bytes, _start, _end) = (copy, 0, copy.Length);
    }

    /// <summary>Drops them: nobody behind the filter sees them.</summary>
    /// <exception cref="InvalidOperationException">The call is over.</exception>
    public void Clear()
    {
        if (!IsOpen)
        {
            throw Over();
        }

        _start = _end = 0;
    }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        _end += bytes.Length;
    }

    internal Span<byte> GetSpan(int size)
    {
        if (_bytes.Length - _end < size)
        {
            byte[] larger = _bytes.Length - Count >= size ? _bytes : new byte[Math.Max(Count + size, 2 * _bytes.Length)];
            Bytes.CopyTo(larger);
            (_bytes, _start, _end) = (larger, 0, Count);
        }

        return _bytes.AsSpan(_end);
    }

    internal void Advance(int count) => _end += count;

    /// <summary>Forgets the first of them; with the last the memory goes, where it is more than one read.</summary>
    internal void Take(int count)
    {
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
            _bytes = _bytes.Length > 64 * 1024 ? [] : _bytes;
        }
    }

    private static InvalidOperationException Over() => new("the call that was given these bytes is over");
}
