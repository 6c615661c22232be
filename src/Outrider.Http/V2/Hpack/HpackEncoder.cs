namespace Outrider.Http.V2.Hpack;

/// <summary>
/// Writes header blocks without a memory: names that both sides know from the start by their number, everything else as it is
/// (RFC 7541 §6.2.2). A few bytes more than with a table, and no state that a cancelled or reordered block could spoil.
/// </summary>
internal static class HpackEncoder
{
    /// <summary>The most bytes that a field can take.</summary>
    internal static int MaxLength(int name, int value) => name + value + 12;

    /// <summary>A field that both sides know, name and value; returns the bytes written.</summary>
    internal static int WriteIndexed(Span<byte> to, int index) => WriteNumber(to, 0x80, 7, index);

    /// <summary>A field whose name both sides know.</summary>
    internal static int Write(Span<byte> to, int nameIndex, ReadOnlySpan<byte> value)
    {
        int count = WriteNumber(to, 0, 4, nameIndex);
        return count + WriteText(to[count..], value);
    }

    /// <summary>A field; its name is written in lower case (RFC 9113 §8.2).</summary>
    internal static int Write(Span<byte> to, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (StaticTable.IndexOf(name) is > 0 and var index)
        {
            return Write(to, index, value);
        }

        to[0] = 0;
        int count = 1 + WriteNumber(to[1..], 0, 7, name.Length);
        foreach (byte b in name)
        {
            to[count++] = b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b | 0x20) : b;
        }

        return count + WriteText(to[count..], value);
    }

    private static int WriteText(Span<byte> to, ReadOnlySpan<byte> text)
    {
        int count = WriteNumber(to, 0, 7, text.Length);
        text.CopyTo(to[count..]);
        return count + text.Length;
    }

    internal static int WriteNumber(Span<byte> to, byte kind, int prefix, int number)
    {
        int mask = (1 << prefix) - 1;
        if (number < mask)
        {
            to[0] = (byte)(kind | number);
            return 1;
        }

        to[0] = (byte)(kind | mask);
        int count = 1;
        for (number -= mask; number >= 0x80; number >>= 7)
        {
            to[count++] = (byte)(0x80 | (number & 0x7f));
        }

        to[count++] = (byte)number;
        return count;
    }
}
