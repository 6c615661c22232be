using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Outrider.Filters;
using Outrider.Http.Headers;
using Outrider.Http.Rules;

namespace Outrider.Http.V1.Parsing;

/// <summary>The rules for the values of those fields that decide where a message ends and where it goes.</summary>
internal static class FieldRules
{
    private static ReadOnlySpan<byte> UnreservedAndSubDelims => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;="u8;

    private static readonly SearchValues<byte> s_pathAndQuery = SearchValues.Create([.. UnreservedAndSubDelims, .. ":@/?%"u8]);
    private static readonly SearchValues<byte> s_neverInTarget = SearchValues.Create([.. Enumerable.Range(0, 33).Select(b => (byte)b), (byte)'#', 127]);

    // Each is looked for among all fields. In 64 KiB there is room for 32,000 of them, which is work for 4 million comparisons.
    private const int MaxNominated = 32;

    // So many fit into 64 bits whatever they are.
    private const int SafeDigits = 18;

    /// <summary>One decimal number that fits; no sign, no list, no space (RFC 9110 §8.6).</summary>
    internal static bool TryParseContentLength(ReadOnlySpan<byte> value, out long length)
    {
        length = 0;
        if (value.Length is > 0 and <= SafeDigits)
        {
            foreach (byte digit in value)
            {
                if (digit is < (byte)'0' or > (byte)'9')
                {
                    length = 0;
                    return false;
                }

                length = (length * 10) + (digit - '0');
            }

            return true;
        }

        if (value.IsEmpty || value.Length > 19 || value.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return false;
        }

        return Utf8Parser.TryParse(value, out length, out int used) && used == value.Length;
    }

    /// <summary>
    /// Reads a <c>Connection</c> field: a list of tokens (RFC 9110 §7.6.1). Counts those that name other fields.
    /// </summary>
    internal static ProtocolError? ReadConnection(ReadOnlySpan<byte> value, ref bool close, ref bool keepAlive, ref bool upgrade, ref int nominated)
    {
        // What nearly all say that say anything.
        if (value.SequenceEqual("keep-alive"u8))
        {
            keepAlive = true;
            return null;
        }

        while (!value.IsEmpty)
        {
            int comma = value.IndexOf((byte)',');
            var option = (comma < 0 ? value : value[..comma]).Trim(" \t"u8);
            value = comma < 0 ? default : value[(comma + 1)..];
            if (option.IsEmpty)
            {
                continue;
            }

            if (!HeaderSyntax.IsToken(option))
            {
                return FramingErrors.ConnectionSyntax;
            }

            if (Ascii.EqualsIgnoreCase(option, "close"u8))
            {
                close = true;
            }
            else if (Ascii.EqualsIgnoreCase(option, "keep-alive"u8))
            {
                keepAlive = true;
            }
            else if (Ascii.EqualsIgnoreCase(option, "upgrade"u8))
            {
                upgrade = true;
            }
            else if (KnownHeaders.Identify(option) is KnownHeader.Host or KnownHeader.ContentLength or KnownHeader.TransferEncoding)
            {
                return FramingErrors.Connection;
            }
            else if (++nominated > MaxNominated)
            {
                return FramingErrors.ConnectionTooLong;
            }
        }

        return null;
    }

    /// <summary>Removes the fields that <c>Connection</c> names: they were for us alone.</summary>
    internal static void RemoveNominated(HeaderBlock fields)
    {
        // Counted by occurrence and not by index, because removing moves fields up. Connection itself stays until the end.
        for (int nth = 0; FindNth(fields, KnownHeader.Connection, nth) is >= 0 and var i; nth++)
        {
            // The bytes of a block do not move when a field is removed.
            var rest = fields.ValueAt(i);
            while (!rest.IsEmpty)
            {
                int comma = rest.IndexOf((byte)',');
                var option = (comma < 0 ? rest : rest[..comma]).Trim(" \t"u8);
                rest = comma < 0 ? default : rest[(comma + 1)..];
                if (!option.IsEmpty && KnownHeaders.Identify(option) is not (KnownHeader.Connection or KnownHeader.Upgrade))
                {
                    _ = fields.Remove(option);
                }
            }
        }
    }

    /// <summary>
    /// May all that this <c>Upgrade</c> (RFC 9110 §7.8) offers become a tunnel? Not HTTP again, openly or under TLS: requests that
    /// pass where the proxy does not look are smuggled ones. WebSocket and the like may.
    /// </summary>
    internal static bool IsTunnel(ReadOnlySpan<byte> protocols)
    {
        bool any = false;
        while (!protocols.IsEmpty)
        {
            var protocol = TakeProtocol(ref protocols);
            if (!protocol.IsEmpty)
            {
                if (!MayBecomeTunnel(protocol))
                {
                    return false;
                }

                any = true;
            }
        }

        return any;
    }

    /// <summary>Those of the protocols that may become a tunnel, as a list. Returns its length; 0 when there is none, or when the list is not one.</summary>
    internal static int CopyTunnels(ReadOnlySpan<byte> protocols, Span<byte> destination)
    {
        int length = 0;
        while (!protocols.IsEmpty)
        {
            var protocol = TakeProtocol(ref protocols);
            if (protocol.IsEmpty || !MayBecomeTunnel(protocol))
            {
                continue;
            }

            if (length > 0)
            {
                destination[length++] = (byte)',';
            }

            protocol.CopyTo(destination[length..]);
            length += protocol.Length;
        }

        return length;
    }

    private static ReadOnlySpan<byte> TakeProtocol(ref ReadOnlySpan<byte> protocols)
    {
        int comma = protocols.IndexOf((byte)',');
        var protocol = (comma < 0 ? protocols : protocols[..comma]).Trim(" \t"u8);
        protocols = comma < 0 ? default : protocols[(comma + 1)..];
        return protocol;
    }

    private static bool MayBecomeTunnel(ReadOnlySpan<byte> protocol)
    {
        int slash = protocol.IndexOf((byte)'/');
        var name = slash < 0 ? protocol : protocol[..slash];
        return HeaderSyntax.IsToken(name)
            && (slash < 0 || HeaderSyntax.IsToken(protocol[(slash + 1)..]))
            && !(name.Length >= 2 && Ascii.EqualsIgnoreCase(name[..2], "h2"u8))
            && !Ascii.EqualsIgnoreCase(name, "http"u8)
            && !Ascii.EqualsIgnoreCase(name, "tls"u8);
    }

    private static int FindNth(HeaderBlock fields, KnownHeader known, int nth)
    {
        for (int i = 0; i < fields.Count; i++)
        {
            if (fields.KnownAt(i) == known && nth-- == 0)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>
    /// Path and query. Strict: as RFC 9112 §3.2.1 and RFC 3986 allow them. Otherwise as they stand, but for controls, blanks and
    /// <c>#</c>: browsers send <c>[ ] { } | ^ `</c> and lone percent signs raw (URL standard, the percent-encode sets of path and query).
    /// </summary>
    internal static bool IsOriginForm(ReadOnlySpan<byte> target, bool strict)
    {
        if (target.IsEmpty || target[0] != '/')
        {
            return false;
        }

        return strict ? target.IndexOfAnyExcept(s_pathAndQuery) < 0 && RequestLineRules.HasWholeEscapes(target) : target.IndexOfAny(s_neverInTarget) < 0;
    }
}
