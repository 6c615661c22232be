using System.IO.Compression;
using System.Net;
using System.Text;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>gzip</c>.</summary>
public sealed class GzipTests
{
    private const string All = """{"content_length":20,"content_types":["text/*","application/json"],"encodings":["br","zstd","gzip"]}""";
    private static readonly string s_text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"line {i} of a text\n"));

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip, zstd", "zstd")]
    [InlineData("br;q=0.5, gzip;q=0.8", "gzip")]
    [InlineData("br;q=0, *", "zstd")]
    [InlineData("*", "br")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("gzip;q=0", "")]
    [InlineData("gzip;q=0.5, identity", "")]
    [InlineData("deflate", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public async Task A_client_gets_the_coding_that_it_likes_best(string? accepted, string coding)
    {
        var (head, body) = await FetchAsync(All, "content-type: text/plain; charset=utf-8\r\netag: \"1\"\r\n", accepted, $"content-length: {s_text.Length}\r\n\r\n{s_text}");
        Assert.Contains("vary: accept-encoding\r\n", head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(coding.Length > 0, head.Contains($"content-encoding: {coding}\r\n", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(coding.Length > 0 ? "etag: W/\"1\"\r\n" : "etag: \"1\"\r\n", head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(s_text, Encoding.Latin1.GetString(Decode(body, coding)));
        Assert.True(coding.Length == 0 || body.Length < s_text.Length / 3);
    }

    [Theory]
    [InlineData("content-type: image/png\r\n")]
    [InlineData("content-type: text/plain\r\ncontent-encoding: gzip\r\n")]
    [InlineData("content-type: text/plain\r\ncache-control: public, no-transform\r\n")]
    [InlineData("")]
    public async Task What_is_not_to_be_compressed_stays_as_it_is(string fields)
    {
        var (head, body) = await FetchAsync(All, fields, "gzip", $"content-length: {s_text.Length}\r\n\r\n{s_text}");
        Assert.Equal(s_text, Encoding.Latin1.GetString(body));
        Assert.DoesNotContain("vary", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_short_one_stays_as_it_is_and_one_of_unknown_length_does_not()
    {
        var (_, body) = await FetchAsync(All, "content-type: text/plain\r\n", "gzip", "content-length: 5\r\n\r\nshort");
        Assert.Equal("short", Encoding.Latin1.GetString(body));
        var (head, chunked) = await FetchAsync(All, "content-type: text/plain\r\n", "gzip", "transfer-encoding: chunked\r\n\r\n5\r\nshort\r\n5\r\nagain\r\n0\r\n\r\n");
        Assert.Contains("content-encoding: gzip", head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("shortagain", Encoding.Latin1.GetString(Decode(chunked, "gzip")));
    }

    [Fact]
    public async Task What_comes_slowly_is_not_held_up()
    {
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n");
            await go.Task;
            await connection.SendAsync("6\r\nsecond\r\n0\r\n\r\n");
        });
        await using var proxy = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"gzip","config":{{All}} }""");
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip });
        await using var stream = await client.GetStreamAsync(new Uri($"http://127.0.0.1:{proxy.Port}/"));
        byte[] buffer = new byte[100];
        Assert.Equal("first", Encoding.ASCII.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, 5)));
        go.SetResult();
        Assert.Equal("second", Encoding.ASCII.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, 6)));
    }

    [Fact]
    public async Task HEAD_has_the_same_fields_and_no_body()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5000\r\n\r\n");
        await using var proxy = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"gzip","config":{{All}} }""");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync("HEAD / HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip\r\nconnection: close\r\n\r\n");
        string answer = await client.ReadToEndAsync();
        Assert.Contains("content-encoding: gzip\r\n", answer, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\r\n\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("content-length: 5000", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("""{"gzip_level":10}""", "$.gzip_level")]
    [InlineData("""{"content_length":-1}""", "$.content_length")]
    [InlineData("""{"encodings":["deflate"]}""", "$.encodings[0]")]
    [InlineData("""{"encodings":[]}""", "$.encodings")]
    [InlineData("""{"level":1}""", "$.level")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("gzip", config).Path);

    private static async Task<(string Head, byte[] Body)> FetchAsync(string config, string fields, string? accepted, string rest)
    {
        using var upstream = RawUpstream.Answering($"HTTP/1.1 200 OK\r\n{fields}{rest}");
        await using var proxy = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"gzip","config":{{config}} }""");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\n{(accepted is null ? "" : $"accept-encoding: {accepted}\r\n")}connection: close\r\n\r\n");
        string answer = await client.ReadToEndAsync();
        string head = HeadOf(answer), body = BodyOf(answer);
        return (head, Encoding.Latin1.GetBytes(head.Contains("chunked", StringComparison.OrdinalIgnoreCase) ? Dechunk(body) : body));
    }

    private static byte[] Decode(byte[] body, string coding)
    {
        using var input = new MemoryStream(body);
        using Stream stream = coding switch
        {
            "gzip" => new GZipStream(input, CompressionMode.Decompress),
            "br" => new BrotliStream(input, CompressionMode.Decompress),
            "zstd" => new ZstdSharp.DecompressionStream(input),
            _ => new MemoryStream(body),
        };
        using var output = new MemoryStream();
        stream.CopyTo(output);
        return output.ToArray();
    }
}
