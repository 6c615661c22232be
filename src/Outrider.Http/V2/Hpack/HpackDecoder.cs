using System.Buffers;

namespace Outrider.Http.V2.Hpack;

/// <summary>Reads header blocks (RFC 7541). What it has read changes how the next is read, so every block of a connection must come here, whole and in order.</summary>
internal sealed class HpackDecoder
{
    /// <summary>SETTINGS_HEADER_TABLE_SIZE's default, which we leave.</summary>
    internal const int TableSize = 4096;

    // Numbers beyond this are lengths and indexes that nobody can have.
    private const int MaxNumber = 1 << 28;

    private DynamicTable _table = new(TableSize);
    private byte[] _scratch = [];
    private int _used;
    private bool _begun;

    /// <summary>Begins a block.</summary>
    internal void Begin() => _begun = false;

    /// <summary>Reads a whole block that nobody wants: the next one builds on it.</summary>
    /// <exception cref="Http2Exception">It is no header block.</exception>
    internal void Skip(ReadOnlySpan<byte> block)
    {
        Begin();
        while (Read(ref block, out _, out _))
        {
        }

        End();
    }

    /// <summary>Reads the next field of the block; false at its end.</summary>
    /// <param name="block">The rest of the block; what was read is taken off.</param>
    /// <param name="name">Good until the next call.</param>
    /// <param name="value">Good until the next call.</param>
    /// <exception cref="Http2Exception">It is no header block.</exception>
    internal bool Read(ref ReadOnlySpan<byte> block, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        while (!block.IsEmpty)
        {
            byte first = block[0];
            if ((first & 0xe0) == 0x20)
            {
                if (_begun || !_table.TryResize(Number(ref block, 5)))
                {
                    throw Error("a size of the table where or as it must not be");
                }

                continue;
            }

            _begun = true;
            _used = 0;
            if ((first & 0x80) != 0)
            {
                Lookup(Number(ref block, 7), out name, out value);
                return true;
            }

            bool remembers = (first & 0x40) != 0;
            int index = Number(ref block, remembers ? 6 : 4);
            // Made room for at once: a second array would leave the name in the first.
            Reserve(block.Length);
            if (index == 0)
            {
                name = Text(ref block);
            }
            else
            {
                Lookup(index, out name, out _);
            }

            value = Text(ref block);
            if (remembers && _table.Add(name, value))
            {
                // The name may have been one of the table's, whose bytes have moved.
                name = _table.NameAt(0);
            }

            return true;
        }

        name = value = default;
        return false;
    }

    /// <summary>Gives back what was needed for the block: nothing that it gave is good any more. Before the next block, and at the end.</summary>
    internal void End()
    {
        if (_scratch.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_scratch);
            _scratch = [];
        }
    }

    private void Lookup(int index, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (index is > 0 and <= StaticTable.Count)
        {
            name = StaticTable.NameAt(index);
            value = StaticTable.ValueAt(index);
        }
        else if (index > StaticTable.Count && index - StaticTable.Count <= _table.Count)
        {
            name = _table.NameAt(index - StaticTable.Count - 1);
            value = _table.ValueAt(index - StaticTable.Count - 1);
        }
        else
        {
            throw Error($"no field has the index {index}");
        }
    }

    private ReadOnlySpan<byte> Text(ref ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
        {
            throw Error("a field is cut off");
        }

        bool coded = (block[0] & 0x80) != 0;
        int length = Number(ref block, 7);
        if (length > block.Length)
        {
            throw Error("a field is cut off");
        }

        var text = block[..length];
        block = block[length..];
        if (!coded)
        {
            return text;
        }

        int decoded = HuffmanCode.Decode(text, _scratch.AsSpan(_used));
        if (decoded < 0)
        {
            throw Error("a string's Huffman code is broken");
        }

        text = _scratch.AsSpan(_used, decoded);
        _used += decoded;
        return text;
    }

    // RFC 7541 §5.1.
    private static int Number(ref ReadOnlySpan<byte> block, int prefix)
    {
        int mask = (1 << prefix) - 1;
        long number = block[0] & mask;
        block = block[1..];
        if (number < mask)
        {
            return (int)number;
        }

        for (int shift = 0; ; shift += 7)
        {
            if (block.IsEmpty || shift > 28)
            {
                throw Error("a number is cut off, or too long");
            }

            byte next = block[0];
            block = block[1..];
            number += (long)(next & 0x7f) << shift;
            if (number > MaxNumber)
            {
                throw Error("a number is too large");
            }

            if ((next & 0x80) == 0)
            {
                return (int)number;
            }
        }
    }

    private void Reserve(int coded)
    {
        int size = HuffmanCode.MaxDecodedLength(coded);
        if (_scratch.Length < size)
        {
            End();
            _scratch = ArrayPool<byte>.Shared.Rent(size);
        }
    }

    private static Http2Exception Error(string what) => new(Http2Error.Compression, what);
}
