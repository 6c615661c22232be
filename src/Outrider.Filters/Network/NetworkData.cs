using System.Buffers;

namespace Outrider.Filters;

/// <summary>Bytes of one direction of a connection as a network filter sees them: it may read, replace and drop them while its call lasts.</summary>
public sealed class NetworkData
{
    // Of the shared pool, unless a filter has put others in their place; none while there are no bytes.
    private byte[] _bytes = [];
    private int _start, _end;
    private bool _isRented;

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

        // What was there is not given back: the filter may still look at it.
        byte[] copy = bytes.ToArray();
        (_bytes, _start, _end, _isRented) = (copy, 0, copy.Length, false);
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
            byte[] larger = ArrayPool<byte>.Shared.Rent(Count + size);
            Bytes.CopyTo(larger);
            int count = Count;
            GiveBack();
            (_bytes, _start, _end, _isRented) = (larger, 0, count, true);
        }

        return _bytes.AsSpan(_end);
    }

    internal void Advance(int count) => _end += count;

    /// <summary>Forgets the first of them; with the last the memory goes back.</summary>
    internal void Take(int count)
    {
        _start += count;
        if (_start == _end)
        {
            GiveBack();
        }
    }

    private void GiveBack()
    {
        if (_isRented)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        (_bytes, _start, _end, _isRented) = ([], 0, 0, false);
    }

    private static InvalidOperationException Over() => new("the call that was given these bytes is over");
}
