namespace Outrider.Http.V2.Hpack;

/// <summary>The fields that the peer has told us to remember, newest first (RFC 7541 §2.3.2).</summary>
internal sealed class DynamicTable
{
    // What a field counts beside its bytes (RFC 7541 §4.1).
    private const int Overhead = 32;

    // A ring: as many as fit at the least size of a field.
    private readonly Entry[] _entries;
    private readonly int _maxSize;
    private int _newest = -1;
    private int _size;
    private int _limit;

    internal DynamicTable(int maxSize)
    {
        _maxSize = _limit = maxSize;
        _entries = new Entry[(maxSize / Overhead) + 1];
    }

    private readonly record struct Entry(byte[] Bytes, int NameLength);

    internal int Count { get; private set; }

    /// <summary>The name of a field, counted from 0 for the newest. Good for as long as it is held.</summary>
    internal ReadOnlySpan<byte> NameAt(int index)
    {
        ref readonly var entry = ref At(index);
        return entry.Bytes.AsSpan(0, entry.NameLength);
    }

    internal ReadOnlySpan<byte> ValueAt(int index)
    {
        ref readonly var entry = ref At(index);
        return entry.Bytes.AsSpan(entry.NameLength);
    }

    /// <summary>Remembers a field, for which others may have to go. One that is larger than the table empties it.</summary>
    internal void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // Copied before others go: the name may be one of theirs.
        int size = name.Length + value.Length + Overhead;
        byte[]? bytes = size <= _limit ? [.. name, .. value] : null;
        Shrink(_limit - size);
        if (bytes is not null)
        {
            _newest = (_newest + 1) % _entries.Length;
            _entries[_newest] = new Entry(bytes, name.Length);
            _size += size;
            Count++;
        }
    }

    /// <summary>Sets how large it may be; false when that is more than was agreed.</summary>
    internal bool TryResize(int limit)
    {
        if (limit > _maxSize)
        {
            return false;
        }

        _limit = limit;
        Shrink(limit);
        return true;
    }

    private ref Entry At(int index) => ref _entries[(_newest - index + _entries.Length) % _entries.Length];

    private void Shrink(int size)
    {
        while (_size > size && Count > 0)
        {
            ref var oldest = ref At(Count - 1);
            _size -= oldest.Bytes.Length + Overhead;
            oldest = default;
            Count--;
        }
    }
}
