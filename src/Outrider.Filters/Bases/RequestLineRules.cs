using System.Buffers;

namespace Outrider.Filters;

/// <summary>What a filter may make of a request's first line, on every base: what a client could have sent, and nothing else.</summary>
internal static class RequestLineRules
{
    private static readonly SearchValues<byte> s_regName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=%"u8);
    private static readonly SearchValues<byte> s_plainName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;="u8);
    private static readonly SearchValues<byte> s_ipLiteral = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <exception cref="ArgumentException">No client could send this method, or not with this target.</exception>
    internal static void ThrowUnlessMethod(ReadOnlySpan<byte> method, ReadOnlySpan<byte> target)
    {
        if (!HeaderSyntax.IsToken(method))
        {
            throw new ArgumentException("a method is a token (RFC 9110 §9.1)");
        }

        if (method.SequenceEqual("CONNECT"u8))
        {
            throw new ArgumentException("CONNECT asks for a tunnel and has no path (RFC 9110 §9.3.6): a request cannot become one");
        }

        if (target is [(byte)'*'] && !method.SequenceEqual("OPTIONS"u8))
        {
            throw new ArgumentException("the path '*' goes with OPTIONS alone (RFC 9112 §3.2.4): set the path first");
        }
    }

    /// <exception cref="ArgumentException">No client could send this target, or not with this method.</exception>
    internal static void ThrowUnlessTarget(ReadOnlySpan<byte> target, ReadOnlySpan<byte> method)
    {
        if (target is [(byte)'*'])
        {
            if (!method.SequenceEqual("OPTIONS"u8))
            {
                throw new ArgumentException("the path '*' goes with OPTIONS alone (RFC 9112 §3.2.4): set the method first");
            }

            return;
        }

        if (target.IsEmpty || target[0] != '/' || target.IndexOfAnyInRange((byte)0, (byte)' ') >= 0 || target.IndexOfAny((byte)127, (byte)'#') >= 0)
        {
            throw new ArgumentException("a path begins with '/' and holds no white space, control character or fragment");
        }
    }

    /// <exception cref="ArgumentException">No client could send this <c>Host</c>.</exception>
    internal static void ThrowUnlessAuthority(ReadOnlySpan<byte> value)
    {
        if (!IsAuthority(value))
        {
            throw new ArgumentException("an authority is uri-host[:port] (RFC 9110 §7.2)");
        }
    }

    /// <summary><c>uri-host [ ":" port ]</c> (RFC 9110 §7.2, RFC 3986 §3.2.2), not empty, no user information.</summary>
    internal static bool IsAuthority(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return false;
        }

        // Mostly there is no escape and no address in brackets, and one look is enough.
        int end = value.IndexOfAnyExcept(s_plainName);
        if (end < 0)
        {
            return true;
        }

        if (end > 0 && value[end] == ':')
        {
            return IsPort(value[(end + 1)..]);
        }

        ReadOnlySpan<byte> host, port;
        if (value[0] == '[')
        {
            end = value.IndexOf((byte)']');
            if (end < 3)
            {
                return false;
            }

            host = value[1..end];
            port = value[(end + 1)..];
            if (host.IndexOfAnyExcept(s_ipLiteral) >= 0 || !host.Contains((byte)':') || !System.Net.IPAddress.IsValidUtf8(host))
            {
                return false;
            }
        }
        else
        {
            int colon = value.IndexOf((byte)':');
            host = colon < 0 ? value : value[..colon];
            port = colon < 0 ? default : value[colon..];
            if (host.IsEmpty || host.IndexOfAnyExcept(s_regName) >= 0 || !HasWholeEscapes(host))
            {
                return false;
            }
        }

        if (port.IsEmpty)
        {
            return true;
        }

        return port[0] == ':' && IsPort(port[1..]);
    }

    // May be empty (RFC 3986 §3.2.3).
    private static bool IsPort(ReadOnlySpan<byte> digits)
    {
        if (digits.Length > 5)
        {
            return false;
        }

        int number = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return number <= ushort.MaxValue;
    }

    /// <summary>Is each percent sign followed by two hexadecimal digits (RFC 3986 §2.1)?</summary>
    internal static bool HasWholeEscapes(ReadOnlySpan<byte> text)
    {
        int percent;
        while ((percent = text.IndexOf((byte)'%')) >= 0)
        {
            if (text.Length < percent + 3 || !IsHex(text[percent + 1]) || !IsHex(text[percent + 2]))
            {
                return false;
            }

            text = text[(percent + 3)..];
        }

        return true;
    }

    private static bool IsHex(byte b) => char.IsAsciiHexDigit((char)b);
}
