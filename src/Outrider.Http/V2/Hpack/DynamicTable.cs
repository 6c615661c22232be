namespace Outrider.Http.V2.Hpack;

/// <summary>
/// The fields that the peer has told us to remember, newest first (RFC 7541 §2.3.2). Their bytes lie one behind the other in one
/// array, which grows with what is in it: a table costs what it holds, and a field that comes and goes leaves no garbage. A part of its
/// decoder, never copied.
/// </summary>
internal struct DynamicTable
{
    // What a field counts beside its bytes (RFC 7541 §4.1).
    private const int Overhead = 32;

    private const int SmallestBytes = 64;
    private const int SmallestEntries = 4;

    private readonly int _maxSize;
    private byte[] _bytes;
    // Where the next field's bytes go. Those of the oldest are at the front of what is used.
    private int _end;
    // A ring.
    private Entry[] _entries;
    private int _newest;
    private int _size;
    private int _limit;

    /// <param name="maxSize">The most that the peer may have us remember, up to 32 KiB: places in the array are two bytes.</param>
    internal DynamicTable(int maxSize)
    {
        _maxSize = _limit = maxSize;
        _bytes = [];
        _entries = [];
        _newest = -1;
    }

    private readonly record struct Entry(ushort Start, ushort NameLength, ushort ValueLength)
    {
        internal int Length => NameLength + ValueLength;
    }

    internal int Count { get; private set; }

    /// <summary>The name of a field, counted from 0 for the newest. Good until a field is added.</summary>
    internal readonly ReadOnlySpan<byte> NameAt(int index)
    {
        ref readonly var entry = ref At(index);
        return _bytes.AsSpan(entry.Start, entry.NameLength);
    }

    internal readonly ReadOnlySpan<byte> ValueAt(int index)
    {
        ref readonly var entry = ref At(index);
        return _bytes.AsSpan(entry.Start + entry.NameLength, entry.ValueLength);
    }

    /// <summary>
    /// Remembers a field, for which others may have to go; one that is larger than the table empties it. Its name may be one of the
    /// table's: then it has to be looked up anew afterwards (<see cref="NameAt"/> of 0).
    /// </summary>
    /// <returns>Is it in the table now?</returns>
    internal bool Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int size = name.Length + value.Length + Overhead;
        if (size > _limit)
        {
            Shrink(-1);
            return false;
        }

        // Room is made behind the living before any of them goes: the name may be one of theirs.
        int needed = size - Overhead;
        int start = Reserve(needed, ref name);
        name.CopyTo(_bytes.AsSpan(start));
        value.CopyTo(_bytes.AsSpan(start + name.Length));
        _end = start + needed;
        Shrink(_limit - size);
        if (Count == _entries.Length)
        {
            GrowEntries();
        }

        _newest = (_newest + 1) % _entries.Length;
        _entries[_newest] = new Entry((ushort)start, (ushort)name.Length, (ushort)value.Length);
        _size += size;
        Count++;
        return true;
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

    private readonly ref Entry At(int index) => ref _entries[(_newest - index + _entries.Length) % _entries.Length];

    // Behind the newest; where the array ends there the living move to the front: in the same array when they leave an eighth of it free,
    // otherwise in one that is a quarter larger than it must be. So a table that is full moves them once for every fifth of its bytes.
    private int Reserve(int count, ref ReadOnlySpan<byte> name)
    {
        if (_end + count <= _bytes.Length)
        {
            return _end;
        }

        int oldest = Count == 0 ? _end : At(Count - 1).Start;
        int living = _end - oldest;
        bool isOwn = _bytes.AsSpan().Overlaps(name, out int at);
        byte[] bytes = _bytes;
        int needed = living + count;
        if (needed > bytes.Length / 8 * 7)
        {
            bytes = new byte[Math.Max(SmallestBytes, needed + (needed / 4))];
        }

        _bytes.AsSpan(oldest, living).CopyTo(bytes);
        for (int i = 0; i < Count; i++)
        {
            ref var entry = ref At(i);
            entry = entry with { Start = (ushort)(entry.Start - oldest) };
        }

        name = isOwn ? bytes.AsSpan(at - oldest, name.Length) : name;
        _bytes = bytes;
        return living;
    }

    private void GrowEntries()
    {
        var entries = new Entry[Math.Max(SmallestEntries, _entries.Length * 2)];
        for (int i = 0; i < Count; i++)
        {
            entries[Count - 1 - i] = At(i);
        }

        _entries = entries;
        _newest = Count - 1;
    }

    private void Shrink(int size)
    {
        while (_size > size && Count > 0)
        {
            _size -= At(Count - 1).Length + Overhead;
            Count--;
        }
    }
}
