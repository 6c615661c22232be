using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Outrider.Proxy.Admin;

/// <summary>Reads the head of a request to the admin API (RFC 9112, but for chunked bodies). Any thread.</summary>
internal static class AdminRequestParser
{
    private static readonly FrozenSet<string> s_once = FrozenSet.Create(StringComparer.Ordinal, "host", "content-length", "authorization", "origin", "sec-fetch-site");
    private static readonly SearchValues<char> s_token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Reads a head.</summary>
    /// <param name="head">Everything up to the empty line, that line excluded.</param>
    /// <param name="request">The request, without its body.</param>
    /// <param name="bodyLength">How long the body is.</param>
    /// <param name="expectsContinue">Whether the client waits for <c>100 Continue</c>.</param>
    /// <returns>0, or the status of the error.</returns>
    public static int Parse(ReadOnlySpan<byte> head, out AdminRequest request, out int bodyLength, out bool expectsContinue)
    {
        request = new AdminRequest("", "", [], default);
        bodyLength = 0;
        expectsContinue = false;
        string[] lines = Encoding.Latin1.GetString(head).Split("\r\n");
        string[] start = lines[0].Split(' ');
        if (start.Length != 3 || start[0].Length == 0 || !start[0].All(char.IsAsciiLetter) || !start[2].StartsWith("HTTP/1.", StringComparison.Ordinal))
        {
            return 400;
        }

        var headers = new List<KeyValuePair<string, string>>();
        foreach (string line in lines.AsSpan(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || line.AsSpan(0, colon).ContainsAnyExcept(s_token))
            {
                return 400;
            }

            string value = line[(colon + 1)..].Trim(' ', '\t');
            string name = line[..colon].ToLowerInvariant();
            // Of these a second one, even an equal one, is somebody's attempt to be understood in two ways.
            if (value.AsSpan().ContainsAny('\r', '\n', '\0') || (s_once.Contains(name) && headers.Exists(header => header.Key == name)))
            {
                return 400;
            }

            headers.Add(KeyValuePair.Create(name, value));
            switch (name)
            {
                case "content-length":
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out bodyLength))
                    {
                        return value.Length > 0 && value.All(char.IsAsciiDigit) ? 413 : 400;
                    }

                    break;
                case "transfer-encoding":
                    return 501;
                case "expect":
                    expectsContinue = value.Equals("100-continue", StringComparison.OrdinalIgnoreCase);
                    break;
            }
        }

        string? authority = headers.Find(static header => header.Key == "host").Value;
        if (authority is null && start[2] != "HTTP/1.0")
        {
            // RFC 9112 §3.2.
            return 400;
        }

        string target = start[1];
        if (!target.StartsWith('/'))
        {
            // The absolute form, which every server has to take (RFC 9112 §3.2.2), and whose host is the one that counts.
            int path = target.StartsWith("http://", StringComparison.OrdinalIgnoreCase) ? target.IndexOf('/', 7) : -1;
            if (path < 0)
            {
                return 400;
            }

            authority = target[7..path];
            target = target[path..];
        }

        int question = target.IndexOf('?', StringComparison.Ordinal);
        request = new AdminRequest(
            start[0],
            Uri.UnescapeDataString(question < 0 ? target : target[..question]),
            question < 0 ? [] : ParseQuery(target[(question + 1)..]),
            default)
        {
            Authority = authority,
            Headers = headers,
        };
        return 0;
    }

    private static List<KeyValuePair<string, string>> ParseQuery(string query)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (string parameter in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = parameter.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? parameter : parameter[..equals];
            string value = equals < 0 ? "" : parameter[(equals + 1)..];
            parameters.Add(KeyValuePair.Create(Decode(name), Decode(value)));
        }

        return parameters;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
