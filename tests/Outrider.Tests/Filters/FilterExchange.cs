using System.Globalization;
using System.Text;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Filters;

/// <summary>What the filter tests do alike.</summary>
internal static class FilterExchange
{
    internal const string Get = "GET / HTTP/1.1\r\nhost: example.test\r\n\r\n";

    /// <summary>An upstream that answers with the request as it arrived.</summary>
    internal static RawUpstream Mirror() => new(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 } request)
        {
            await connection.SendAsync(Response(request));
        }
    });

    internal static string Response(string body, string fields = "")
        => string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 200 OK\r\n{fields}content-length: {body.Length}\r\n\r\n{body}");

    internal static string Post(string body, string path = "/")
        => string.Create(CultureInfo.InvariantCulture, $"POST {path} HTTP/1.1\r\nhost: example.test\r\ncontent-length: {body.Length}\r\n\r\n{body}");

    internal static string PostChunked(params string[] chunks)
        => PostChunkedWith("", chunks);

    internal static string PostChunkedWith(string trailers, params string[] chunks)
    {
        var text = new StringBuilder("POST / HTTP/1.1\r\nhost: example.test\r\ntransfer-encoding: chunked\r\n\r\n");
        foreach (string chunk in chunks)
        {
            text.Append(CultureInfo.InvariantCulture, $"{chunk.Length:x}\r\n{chunk}\r\n");
        }

        return text.Append("0\r\n").Append(trailers).Append("\r\n").ToString();
    }

    /// <summary>One request on a connection of its own, and its answer; empty when there was none.</summary>
    internal static async Task<string> SendAsync(this TestProxy proxy, string request)
    {
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(request);
        return await client.ReadResponseAsync();
    }

    internal static int StatusOf(string response) => response.Length < 12 ? 0 : int.Parse(response.AsSpan(9, 3), CultureInfo.InvariantCulture);

    internal static string BodyOf(string response) => response[(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    internal static string HeadOf(string response) => response[..(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)];

    /// <summary>The body of a chunked message.</summary>
    internal static string Dechunk(string body)
    {
        var text = new StringBuilder();
        while (true)
        {
            int end = body.IndexOf("\r\n", StringComparison.Ordinal);
            int size = int.Parse(body.AsSpan(0, end), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                return text.ToString();
            }

            text.Append(body, end + 2, size);
            body = body[(end + 4 + size)..];
        }
    }

    /// <summary>Waits for something that happens soon; fails when it does not.</summary>
    internal static Task EventuallyAsync(Func<bool> condition) => Eventually.HoldsAsync(condition);

    /// <summary>Every filter was told of the stream's end once, in order, and no stream is left.</summary>
    internal static async Task AssertEndedAsync(this TestProxy proxy, params Script[] scripts)
    {
        await EventuallyAsync(() => proxy.Stats.StreamsActive == 0 && scripts.All(s => s.Filters.All(f => f.Calls.Contains("OnDestroy"))));
        foreach (var filter in scripts.SelectMany(script => script.Filters))
        {
            Assert.Equal(["OnLog", "OnDestroy"], filter.Calls.Where(call => call is "OnLog" or "OnDestroy"));
            Assert.Equal("OnDestroy", filter.Calls[^1]);
        }
    }
}
