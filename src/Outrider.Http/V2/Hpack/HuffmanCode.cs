namespace Outrider.Http.V2.Hpack;

/// <summary>The code of RFC 7541, appendix B. It is canonical: codes of one length follow each other in the order of their symbols, so the lengths say all.</summary>
internal static class HuffmanCode
{
    private const int EndOfString = 256;
    private const int Longest = 30;

    // Codes up to here are found by one look into a table; they are those of nearly all text.
    private const int Short = 8;

    private static readonly ushort[] s_symbols = new ushort[EndOfString + 1];
    private static readonly Row[] s_rows = new Row[Longest + 1];
    private static readonly ushort[] s_short = new ushort[1 << Short];

    static HuffmanCode()
    {
        uint code = 0;
        int index = 0;
        for (int length = 1; length <= Longest; length++)
        {
            code <<= 1;
            uint first = code;
            int from = index;
            for (int symbol = 0; symbol <= EndOfString; symbol++)
            {
                if (Lengths[symbol] != length)
                {
                    continue;
                }

                s_symbols[index++] = (ushort)symbol;
                if (length <= Short)
                {
                    s_short.AsSpan((int)code << (Short - length), 1 << (Short - length)).Fill((ushort)((length << 8) | symbol));
                }

                code++;
            }

            // The end, as the first bits of 32.
            s_rows[length] = new Row(first, from, (ulong)code << (32 - length));
        }
    }

    private readonly record struct Row(uint First, int Index, ulong End);

    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    /// <summary>The most bytes that so many coded bytes can mean: the shortest code has five bits.</summary>
    internal static int MaxDecodedLength(int length) => (int)Math.Min(int.MaxValue, length * 8L / 5);

    /// <summary>Decodes a string; returns its length in <paramref name="to"/>, or −1 when it is none.</summary>
    /// <param name="coded">The coded string.</param>
    /// <param name="to">At least <see cref="MaxDecodedLength"/>.</param>
    internal static int Decode(ReadOnlySpan<byte> coded, Span<byte> to)
    {
        ulong bits = 0;
        int have = 0, read = 0, written = 0;
        while (true)
        {
            while (have <= 56 && read < coded.Length)
            {
                bits |= (ulong)coded[read++] << (56 - have);
                have += 8;
            }

            if (have == 0)
            {
                return written;
            }

            uint next = (uint)(bits >> 32);
            int found = s_short[next >> (32 - Short)];
            int length = found >> 8, symbol = found & 0xff;
            if (found == 0)
            {
                length = Short + 1;
                while (next >= s_rows[length].End)
                {
                    // The last row ends where 32 bits do.
                    length++;
                }

                ref readonly var row = ref s_rows[length];
                symbol = s_symbols[row.Index + (int)((next >> (32 - length)) - row.First)];
            }

            if (length > have)
            {
                // What is left must be the beginning of the end of a string, and less than a byte (RFC 7541 §5.2).
                return have < 8 && bits >> (64 - have) == (1UL << have) - 1 ? written : -1;
            }

            if (symbol == EndOfString)
            {
                return -1;
            }

            to[written++] = (byte)symbol;
            bits <<= length;
            have -= length;
        }
    }
}
