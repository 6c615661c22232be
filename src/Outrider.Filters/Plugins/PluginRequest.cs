using System.Text;

namespace Outrider.Filters;

/// <summary>What a plugin is asked: MOSN's <c>proto.Request</c>. What its parts mean is between the caller and the plugin.</summary>
public sealed class PluginRequest
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Names and values; for a request's headers the names as Go writes them, <c>User-Agent</c>.</summary>
    public Dictionary<string, string> Header { get; } = new(StringComparer.Ordinal);

    /// <summary>Names and values; for a request's trailers as <see cref="Header"/>.</summary>
    public Dictionary<string, string> Trailer { get; } = new(StringComparer.Ordinal);

    /// <summary>Any bytes.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>Any text that tells kinds of requests apart.</summary>
    public string Type { get; set; } = "";

    /// <summary>
    /// Adds a request's headers to <see cref="Header"/> as MOSN gives them to its plugins: names in Go's canonical form whatever the
    /// client sent (<c>uSER</c> → <c>User</c>), a repeated header joined with <c>, </c> (<c>Cookie</c> with <c>; </c>, RFC 9113 §8.2.3), and the authority as <c>Host</c>.
    /// </summary>
    public void AddHeaders(RequestHeaders headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        if (!headers.Authority.IsEmpty)
        {
            Header["Host"] = Text(headers.Authority);
        }

        Add(headers, Header);
    }

    /// <summary>Adds a request's trailers to <see cref="Trailer"/>, with names and values as <see cref="AddHeaders"/> does.</summary>
    public void AddTrailers(HeaderMap trailers)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        Add(trailers, Trailer);
    }

    private static void Add(HeaderMap from, Dictionary<string, string> to)
    {
        foreach (var field in from)
        {
            string name = GoHeaderName.Of(field.Name);
            string value = Text(field.Value);
            to[name] = to.TryGetValue(name, out string? before) ? $"{before}{(name == "Cookie" ? "; " : ", ")}{value}" : value;
        }
    }

    // Protobuf wants Unicode; what is not UTF-8 is read as the Latin-1 that it once had to be (RFC 9110 §5.5).
    private static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Ascii.IsValid(bytes) ? Encoding.ASCII.GetString(bytes) : s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }
}
