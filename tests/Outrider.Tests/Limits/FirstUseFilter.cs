using System.IO.Compression;
using System.Net.Http;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Outrider.Filters;

namespace Outrider.Tests.Limits;

/// <summary>An extension that does, when a request asks for it, what nothing in its process has done before.</summary>
[StreamFilter("test-first-use")]
public sealed class FirstUseFilter : StreamFilter
{
    internal static readonly string[] Kinds = ["hash", "random", "gzip", "regex", "json", "xml", "dns", "https", "exception"];

    public override async ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        string kind = headers.GetString("x-use") ?? "";
        if (kind.Length == 0)
        {
            return FilterAction.Continue;
        }

        await UseAsync(kind, headers.GetString("x-target") ?? "");
        return Reply(200, "used " + kind);
    }

    private static async Task UseAsync(string kind, string target)
    {
        switch (kind)
        {
            case "hash":
                _ = SHA256.HashData([1, 2, 3]);
                break;
            case "random":
                _ = RandomNumberGenerator.GetBytes(16);
                break;
            case "gzip":
                using (var stream = new GZipStream(new MemoryStream(), CompressionMode.Compress))
                {
                    stream.Write([1, 2, 3]);
                }

                break;
            case "regex":
                _ = Regex.IsMatch("aab", "^a+b$", RegexOptions.NonBacktracking);
                break;
            case "json":
                _ = JsonSerializer.Serialize(new { A = 1 });
                break;
            case "xml":
                _ = System.Xml.Linq.XDocument.Parse("<a><b/></a>").Root!.Name;
                break;
            case "dns":
                _ = await System.Net.Dns.GetHostAddressesAsync("localhost");
                break;
            case "https":
                using (var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } })
                using (var client = new HttpClient(handler))
                {
                    _ = await client.GetStringAsync(new Uri(target));
                }

                break;
            case "exception":
                throw new InvalidOperationException("as it was asked to");
        }
    }
}
