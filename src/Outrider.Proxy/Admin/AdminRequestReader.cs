using System.Text;
using Outrider.Http.Messages;

namespace Outrider.Proxy.Admin;

/// <summary>Makes of a request's head, which the codec has read, what pages look at.</summary>
internal static class AdminRequestReader
{
    // Of these a second one, even an equal one, is somebody's attempt to be understood in two ways. Host and Content-Length are the codec's.
    private static readonly string[] s_once = ["authorization", "origin", "sec-fetch-site"];

    /// <summary>Reads a head.</summary>
    /// <returns>0, or the status of the error.</returns>
    public static int Read(RequestHead head, out AdminRequest request)
    {
        var headers = new List<KeyValuePair<string, string>>(head.Fields.Count);
        for (int i = 0; i < head.Fields.Count; i++)
        {
            string name = Encoding.Latin1.GetString(head.Fields.NameAt(i)).ToLowerInvariant();
            if (s_once.Contains(name) && headers.Exists(header => header.Key == name))
            {
                request = new AdminRequest("", "", [], default);
                return 400;
            }

            headers.Add(KeyValuePair.Create(name, Encoding.Latin1.GetString(head.Fields.ValueAt(i))));
        }

        string target = Encoding.Latin1.GetString(head.Target);
        int question = target.IndexOf('?', StringComparison.Ordinal);
        string path = question < 0 ? target : target[..question];
        request = new AdminRequest(
            Encoding.Latin1.GetString(head.Method),
            Uri.UnescapeDataString(path),
            question < 0 ? [] : ParseQuery(target[(question + 1)..]),
            default)
        {
            // A client of HTTP/1.0 need not say it.
            Authority = head.Authority.IsEmpty && head.MinorVersion == 0 ? null : Encoding.Latin1.GetString(head.Authority),
            Headers = headers,
        };
        return !target.StartsWith('/') ? 400 : head.Framing == BodyFraming.Chunked ? 501 : 0;
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
