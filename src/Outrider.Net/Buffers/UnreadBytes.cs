using System.Buffers;

namespace Outrider.Net;

/// <summary>
/// Input that its receiver left and gets again before anything newer: an array of the shared pool, held only while it is
/// needed. A field of whoever keeps it; never copied. Only the loop's thread touches it.
/// </summary>
internal struct UnreadBytes
{
    private byte[]? _array;
    private int _start;
    private int _end;

    /// <summary>Is nothing kept?</summary>
    internal readonly bool IsEmpty => _array is null;

    internal readonly int Length => _end - _start;

    /// <summary>What is kept, good until <see cref="Advance"/> or <see cref="Drop"/>.</summary>
    internal readonly Span<byte> Span => _array.AsSpan(_start, _end - _start);

    /// <summary>Copies what was left. There must be something, and nothing kept from before.</summary>
    internal void Keep(ReadOnlySpan<byte> data)
    {
        _array = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(_array);
        _start = 0;
        _end = data.Length;
    }

    /// <summary>The receiver used so many of the bytes; after the last one the array goes back.</summary>
    internal void Advance(int used)
    {
        _start += used;
        if (_start >= _end)
        {
            Drop();
        }
    }

    /// <summary>Forgets what is kept. With nothing kept it does nothing.</summary>
    internal void Drop()
    {
        if (_array is not null)
        {
            ArrayPool<byte>.Shared.Return(_array);
            _array = null;
        }
    }
}
