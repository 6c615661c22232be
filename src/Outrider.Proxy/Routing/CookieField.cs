using System.Text;
using Outrider.Http.Headers;

namespace Outrider.Proxy.Routing;

/// <summary>Reads what clients send as <c>Cookie</c>.</summary>
internal static class CookieField
{
    /// <summary>The value of the first cookie of that name. Allocates nothing.</summary>
    // RFC 6265 §5.4: pairs, parted by semicolons; a name is compared with its case.
    public static bool TryFind(HeaderBlock fields, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        for (int i = 0; i < fields.Count; i++)
        {
            if (!Ascii.EqualsIgnoreCase(fields.NameAt(i), "cookie"u8))
            {
                continue;
            }

            for (var rest = fields.ValueAt(i); !rest.IsEmpty;)
            {
                int end = rest.IndexOf((byte)';');
                var pair = (end < 0 ? rest : rest[..end]).Trim(" \t"u8);
                rest = end < 0 ? default : rest[(end + 1)..];
                if (pair.StartsWith(name) && pair.Length > name.Length && pair[name.Length] == (byte)'=')
                {
                    value = pair[(name.Length + 1)..];
                    return true;
                }
            }
        }

        return false;
    }
}
