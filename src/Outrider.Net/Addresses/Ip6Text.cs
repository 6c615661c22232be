using System.Buffers.Binary;

namespace Outrider.Net.Addresses;

/// <summary>Writes IPv6 addresses as RFC 5952 §4 wants them, without allocating (<see cref="System.Net.IPAddress"/> is an object and an array). Any thread.</summary>
internal static class Ip6Text
{
    private const int Groups = 8;

    /// <summary>Writes an address; returns how many bytes that took, 39 at most.</summary>
    /// <param name="address">Its 16 bytes, in network order.</param>
    /// <param name="destination">Where to.</param>
    internal static int Format(ReadOnlySpan<byte> address, Span<byte> destination)
    {
        var (zeros, count) = LongestZeros(address);
        int n = 0;
        for (int i = 0; i < Groups; i++)
        {
            if (i == zeros)
            {
                destination[n++] = (byte)':';
                destination[n++] = (byte)':';
                i += count - 1;
                continue;
            }

            if (i > 0 && i != zeros + count)
            {
                destination[n++] = (byte)':';
            }

            n = Hex(Group(address, i), destination, n);
        }

        return n;
    }

    // The longest run of zero groups, of two at least; the first of those that are equally long (§4.2.3).
    private static (int Start, int Count) LongestZeros(ReadOnlySpan<byte> address)
    {
        int best = -Groups, bestCount = 1;
        for (int i = 0; i < Groups; i++)
        {
            int count = 0;
            while (i + count < Groups && Group(address, i + count) == 0)
            {
                count++;
            }

            if (count > bestCount)
            {
                (best, bestCount) = (i, count);
            }

            i += count;
        }

        return (best, bestCount);
    }

    private static ushort Group(ReadOnlySpan<byte> address, int index) => BinaryPrimitives.ReadUInt16BigEndian(address[(2 * index)..]);

    private static int Hex(ushort value, Span<byte> destination, int n)
    {
        for (int shift = value > 0xFFF ? 12 : value > 0xFF ? 8 : value > 0xF ? 4 : 0; shift >= 0; shift -= 4)
        {
            int digit = (value >> shift) & 15;
            destination[n++] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }

        return n;
    }
}
