using System.Buffers.Binary;
using System.Buffers.Text;

namespace Outrider.Net.Addresses;

/// <summary>Reads addresses as header fields have them: <c>10.0.0.1</c>, <c>10.0.0.1:80</c>, <c>2001:db8::1</c>, <c>[2001:db8::1]:80</c>. Allocates nothing. Any thread.</summary>
public static class PeerAddressText
{
    private const int Groups = 8;

    /// <summary>Reads an address, whose port is 0 where none stands there. False when it is anything else, a name or <c>unknown</c> too.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out PeerAddress address)
    {
        address = default;
        int port = 0;
        Span<byte> ip = stackalloc byte[16];
        if (text is [(byte)'[', ..])
        {
            int end = text.IndexOf((byte)']');
            if (end < 0 || !TryPort(text[(end + 1)..], out port) || !TryIp6(text[1..end], ip))
            {
                return false;
            }
        }
        else if (text.Count((byte)':') > 1)
        {
            if (!TryIp6(text, ip))
            {
                return false;
            }
        }
        else
        {
            int colon = text.IndexOf((byte)':');
            var host = colon < 0 ? text : text[..colon];
            if (!TryPort(colon < 0 ? default : text[colon..], out port) || !TryIp4(host, ip))
            {
                return false;
            }

            ip = ip[..4];
        }

        address = PeerAddress.Create(ip, port);
        return true;
    }

    // Nothing, or a colon and a number.
    private static bool TryPort(ReadOnlySpan<byte> text, out int port)
    {
        port = 0;
        return text.IsEmpty || (text[0] == ':' && TryNumber(text[1..], 5, ushort.MaxValue, out port));
    }

    // Four numbers without leading zeros, which some read as octal (RFC 6943 §3.1.1).
    private static bool TryIp4(ReadOnlySpan<byte> text, Span<byte> ip)
    {
        for (int i = 0; i < 4; i++)
        {
            int dot = i < 3 ? text.IndexOf((byte)'.') : text.Length;
            if (dot < 0 || (dot > 1 && text[0] == '0') || !TryNumber(text[..dot], 3, byte.MaxValue, out int number))
            {
                return false;
            }

            ip[i] = (byte)number;
            text = text[Math.Min(dot + 1, text.Length)..];
        }

        return true;
    }

    // RFC 4291 §2.2: groups of hexadecimal digits, one row of zeros left out, perhaps an IPv4 address at the end.
    private static bool TryIp6(ReadOnlySpan<byte> text, Span<byte> ip)
    {
        ip.Clear();
        int count = 0, gap = -1;
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            text = text[2..];
        }

        while (!text.IsEmpty)
        {
            int colon = text.IndexOf((byte)':');
            var group = colon < 0 ? text : text[..colon];
            if (colon < 0 && group.Contains((byte)'.'))
            {
                if (count > Groups - 2 || !TryIp4(group, ip[(count * 2)..]))
                {
                    return false;
                }

                count += 2;
                break;
            }

            if (count == Groups || group.Length is 0 or > 4 || !Utf8Parser.TryParse(group, out ushort value, out int used, 'x') || used != group.Length)
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16BigEndian(ip[(2 * count++)..], value);
            if (colon < 0)
            {
                break;
            }

            text = text[(colon + 1)..];
            if (text.IsEmpty)
            {
                return false;
            }

            if (text[0] == ':')
            {
                if (gap >= 0)
                {
                    return false;
                }

                gap = count;
                text = text[1..];
            }
        }

        if (gap < 0)
        {
            return count == Groups;
        }

        if (count == Groups)
        {
            return false;
        }

        int after = (count - gap) * 2;
        ip.Slice(gap * 2, after).CopyTo(ip[(16 - after)..]);
        ip[(gap * 2)..(16 - after)].Clear();
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, int maxDigits, int max, out int number)
    {
        number = 0;
        return text.Length > 0 && text.Length <= maxDigits && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && Utf8Parser.TryParse(text, out number, out _) && number <= max;
    }
}
