using System.Text;

namespace Outrider.Http.V2.Hpack;

/// <summary>The fields that both sides know from the start (RFC 7541, appendix A).</summary>
internal static class StaticTable
{
    /// <summary>How many there are; they are counted from 1.</summary>
    internal const int Count = 61;

    internal const int Authority = 1;
    internal const int MethodGet = 2;
    internal const int MethodPost = 3;
    internal const int Path = 4;
    internal const int SchemeHttp = 6;
    internal const int SchemeHttps = 7;

    private static readonly (byte[] Name, byte[] Value)[] s_fields =
    [
        .. new[]
        {
            (":authority", ""),
            (":method", "GET"),
            (":method", "POST"),
            (":path", "/"),
            (":path", "/index.html"),
            (":scheme", "http"),
            (":scheme", "https"),
            (":status", "200"),
            (":status", "204"),
            (":status", "206"),
            (":status", "304"),
            (":status", "400"),
            (":status", "404"),
            (":status", "500"),
            ("accept-charset", ""),
            ("accept-encoding", "gzip, deflate"),
            ("accept-language", ""),
            ("accept-ranges", ""),
            ("accept", ""),
            ("access-control-allow-origin", ""),
            ("age", ""),
            ("allow", ""),
            ("authorization", ""),
            ("cache-control", ""),
            ("content-disposition", ""),
            ("content-encoding", ""),
            ("content-language", ""),
            ("content-length", ""),
            ("content-location", ""),
            ("content-range", ""),
            ("content-type", ""),
            ("cookie", ""),
            ("date", ""),
            ("etag", ""),
            ("expect", ""),
            ("expires", ""),
            ("from", ""),
            ("host", ""),
            ("if-match", ""),
            ("if-modified-since", ""),
            ("if-none-match", ""),
            ("if-range", ""),
            ("if-unmodified-since", ""),
            ("last-modified", ""),
            ("link", ""),
            ("location", ""),
            ("max-forwards", ""),
            ("proxy-authenticate", ""),
            ("proxy-authorization", ""),
            ("range", ""),
            ("referer", ""),
            ("refresh", ""),
            ("retry-after", ""),
            ("server", ""),
            ("set-cookie", ""),
            ("strict-transport-security", ""),
            ("transfer-encoding", ""),
            ("user-agent", ""),
            ("vary", ""),
            ("via", ""),
            ("www-authenticate", ""),
        }.Select(static field => (Encoding.ASCII.GetBytes(field.Item1), Encoding.ASCII.GetBytes(field.Item2))),
    ];

    private static readonly Dictionary<string, int> s_names = s_fields
        .Select(static (field, i) => (Name: Encoding.ASCII.GetString(field.Name), Index: i + 1))
        .GroupBy(static field => field.Name)
        .ToDictionary(static group => group.Key, static group => group.First().Index, StringComparer.OrdinalIgnoreCase);

    internal static ReadOnlySpan<byte> NameAt(int index) => s_fields[index - 1].Name;

    internal static ReadOnlySpan<byte> ValueAt(int index) => s_fields[index - 1].Value;

    /// <summary>The first field of that name, or 0.</summary>
    internal static int IndexOf(ReadOnlySpan<byte> name)
    {
        const int longest = 27;
        if (name.Length > longest)
        {
            return 0;
        }

        Span<char> chars = stackalloc char[longest];
        int length = Encoding.Latin1.GetChars(name, chars);
        return s_names.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(chars[..length], out int index) ? index : 0;
    }
}
