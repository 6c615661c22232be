using System.Text;

namespace Outrider.Http.Headers;

/// <summary>
/// The fields of one head or of trailers: their bytes in one array, and where in it each name and value lies. Reused from
/// stream to stream, so a head costs no allocation. One loop's, like the stream that it belongs to.
/// </summary>
public sealed class HeaderBlock
{
    private const int InitialBytes = 2048;
    private const int InitialFields = 24;

    // A block that a huge head has blown up is not kept that large for all the small ones after it.
    private const int MaxKept = 16 * 1024;

    // What holds the bytes now, and what the block keeps: the same, but while a huge head is in it.
    private byte[] _bytes;
    private byte[] _kept;
    private Field[] _fields = new Field[InitialFields];
    private int _length;

    // Which known fields may be here: a bit for each that was ever added since the block was cleared. Most questions are answered by its absence.
    private uint _seen;

    private struct Field
    {
        public int NameStart;
        public int ValueStart;
        public int ValueLength;
        public ushort NameLength;
        public KnownHeader Known;
    }

    /// <summary>An empty block.</summary>
    public HeaderBlock() => _bytes = _kept = NewBytes(InitialBytes);

    /// <summary>How many fields there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes the block holds, those of replaced values included.</summary>
    public int Length => _length;

    /// <summary>Which field is at <paramref name="index"/>.</summary>
    public KnownHeader KnownAt(int index) => _fields[index].Known;

    /// <summary>Name of the field at <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> NameAt(int index)
    {
        ref var field = ref _fields[index];
        return _bytes.AsSpan(field.NameStart, field.NameLength);
    }

    /// <summary>Value of the field at <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> ValueAt(int index)
    {
        ref var field = ref _fields[index];
        return _bytes.AsSpan(field.ValueStart, field.ValueLength);
    }

    /// <summary>Where in the block the value of the field at <paramref name="index"/> lies.</summary>
    public (int Start, int Length) ValueRangeAt(int index) => (_fields[index].ValueStart, _fields[index].ValueLength);

    /// <summary>
    /// Fields from <paramref name="index"/> on as the lines of HTTP/1 that they came in, each with its end, as far as those are as they would be written
    /// (<c>name: value</c>) and lie one behind the other; empty where the first is not so. <c>Content-Length</c> ends them.
    /// </summary>
    /// <param name="index">The first field.</param>
    /// <param name="count">How many there are.</param>
    internal ReadOnlySpan<byte> LinesAt(int index, out int count)
    {
        var bytes = _bytes.AsSpan();
        var fields = _fields.AsSpan(index, Count - index);
        int start = fields.IsEmpty ? 0 : fields[0].NameStart, end = start;
        count = 0;
        foreach (ref readonly var field in fields)
        {
            int nameEnd = field.NameStart + field.NameLength, valueEnd = field.ValueStart + field.ValueLength;
            if (field.NameStart != end || field.ValueStart != nameEnd + 2 || field.Known == KnownHeader.ContentLength || valueEnd + 2 > bytes.Length
                || bytes[nameEnd] != ':' || bytes[nameEnd + 1] != ' ' || bytes[valueEnd] != '\r' || bytes[valueEnd + 1] != '\n')
            {
                break;
            }

            end = valueEnd + 2;
            count++;
        }

        return bytes[start..end];
    }

    /// <summary>Bytes of the block by position; positions stay right while the block grows.</summary>
    public ReadOnlySpan<byte> Slice(int start, int length) => _bytes.AsSpan(start, length);

    /// <summary>The first field of that name, or −1.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < Count; i++)
        {
            ref var field = ref _fields[i];
            if (field.NameLength == name.Length && Ascii.EqualsIgnoreCase(_bytes.AsSpan(field.NameStart, field.NameLength), name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The first field of that kind, or −1.</summary>
    public int IndexOf(KnownHeader known)
    {
        if ((_seen & (1u << (int)known)) == 0)
        {
            return -1;
        }

        for (int i = 0; i < Count; i++)
        {
            if (_fields[i].Known == known)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Keeps bytes and returns where they are.</summary>
    public int Store(ReadOnlySpan<byte> bytes)
    {
        int start = _length;
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(start));
        _length = start + bytes.Length;
        return start;
    }

    /// <summary>Adds a field whose bytes are in the block already (a parser's).</summary>
    public void AddStored(int nameStart, int nameLength, int valueStart, int valueLength, KnownHeader known)
    {
        if (Count == _fields.Length)
        {
            Array.Resize(ref _fields, Count * 2);
        }

        ref var field = ref _fields[Count++];
        field.NameStart = nameStart;
        field.NameLength = (ushort)nameLength;
        field.ValueStart = valueStart;
        field.ValueLength = valueLength;
        field.Known = known;
        _seen |= 1u << (int)known;
    }

    /// <summary>Adds a field after the others.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => Add(name, value, KnownHeaders.Identify(name));

    /// <summary>Adds a field of a kind that is known.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, KnownHeader known)
    {
        int nameStart = Store(name);
        int valueStart = Store(value);
        AddStored(nameStart, name.Length, valueStart, value.Length, known);
    }

    /// <summary>As <see cref="Add(ReadOnlySpan{byte}, ReadOnlySpan{byte}, KnownHeader)"/>, as the line that HTTP/1 sends, so that it goes out in one copy (<see cref="LinesAt"/>).</summary>
    public void AddLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, KnownHeader known)
    {
        int start = _length, length = FieldLine.LengthOf(name, value);
        Reserve(length);
        FieldLine.Write(_bytes.AsSpan(start, length), name, value);
        _length = start + length;
        AddStored(start, name.Length, start + FieldLine.ValueAt(name), value.Length, known);
    }

    /// <summary>Adds a field that is given as text of Latin-1, without another copy of it.</summary>
    public void AddText(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        int nameStart = StoreText(name);
        int nameLength = _length - nameStart;
        int valueStart = StoreText(value);
        AddStored(nameStart, nameLength, valueStart, _length - valueStart, KnownHeaders.Identify(_bytes.AsSpan(nameStart, nameLength)));
    }

    /// <summary>Gives the field at <paramref name="index"/> another value.</summary>
    public void SetValueAt(int index, ReadOnlySpan<byte> value)
    {
        ref var field = ref _fields[index];
        if (value.Length <= field.ValueLength)
        {
            value.CopyTo(_bytes.AsSpan(field.ValueStart));
        }
        else
        {
            int start = Store(value);
            field = ref _fields[index];
            field.ValueStart = start;
        }

        field.ValueLength = value.Length;
    }

    /// <summary>Replaces all fields of that name by one.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        int first = IndexOf(name);
        if (first < 0)
        {
            Add(name, value);
            return;
        }

        SetValueAt(first, value);
        for (int i = Count - 1; i > first; i--)
        {
            if (Ascii.EqualsIgnoreCase(NameAt(i), name))
            {
                RemoveAt(i);
            }
        }
    }

    /// <summary>Removes the field at <paramref name="index"/>; those behind it move up.</summary>
    public void RemoveAt(int index)
    {
        Count--;
        _fields.AsSpan(index + 1, Count - index).CopyTo(_fields.AsSpan(index));
    }

    /// <summary>Removes all fields of that name; false when there was none.</summary>
    public bool Remove(ReadOnlySpan<byte> name)
    {
        int before = Count;
        for (int i = Count - 1; i >= 0; i--)
        {
            if (_fields[i].NameLength == name.Length && Ascii.EqualsIgnoreCase(NameAt(i), name))
            {
                RemoveAt(i);
            }
        }

        return Count != before;
    }

    /// <summary>Removes all fields of that kind; false when there was none.</summary>
    public bool Remove(KnownHeader known)
    {
        if ((_seen & (1u << (int)known)) == 0)
        {
            return false;
        }

        int before = Count;
        for (int i = Count - 1; i >= 0; i--)
        {
            if (_fields[i].Known == known)
            {
                RemoveAt(i);
            }
        }

        return Count != before;
    }

    /// <summary>Makes this block hold the same fields as another.</summary>
    public void CopyFrom(HeaderBlock other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Clear();
        for (int i = 0; i < other.Count; i++)
        {
            Add(other.NameAt(i), other.ValueAt(i));
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _length = 0;
        Count = 0;
        _seen = 0;
        if (_bytes != _kept)
        {
            LargeHeads.Return(_bytes);
            _bytes = _kept;
        }

        if (_fields.Length > 256)
        {
            _fields = new Field[InitialFields];
        }
    }

    private int StoreText(ReadOnlySpan<char> text)
    {
        int start = _length;
        int count = text.Length;
        Reserve(count);
        _length += Encoding.Latin1.GetBytes(text, _bytes.AsSpan(start, count));
        return start;
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length < count)
        {
            int length = Math.Max(_bytes.Length * 2, _length + count);
            byte[] larger = length > MaxKept ? LargeHeads.Rent(length) : NewBytes(length);
            _bytes.AsSpan(0, _length).CopyTo(larger);
            if (_bytes != _kept)
            {
                LargeHeads.Return(_bytes);
            }
            else if (length <= MaxKept)
            {
                _kept = larger;
            }

            _bytes = larger;
        }
    }

    // Pinned for good: a module is lent the addresses of names and values, and blocks live as long as their pooled streams.
    private static byte[] NewBytes(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: true);
}
