using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Outrider.Filters;
using Outrider.Http.V2.Framing;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Http.V2;

/// <summary>HTTP/2 from clients, before an upstream that speaks HTTP/1.1.</summary>
public sealed partial class Http2ServerTests
{
    private const string Hello = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nhello, world";
    private const string AtOnce = """[{"match":{"prefix":"/"},"direct_response":{"status":200,"body":"hi"}}]""";
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Up: yes\r\n\r\nhi";

    [Fact]
    public async Task A_client_is_served_whose_requests_go_on_as_HTTP_1()
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        using var client = Client();

        using var request = Request(proxy.Port, HttpMethod.Get, "/a?b=c");
        request.Headers.Add("X-Mine", "1");
        using var response = await client.SendAsync(request);

        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("hi", await response.Content.ReadAsStringAsync());
        Assert.Equal("yes", response.Headers.GetValues("x-up").Single());
        Assert.StartsWith($"GET /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:{proxy.Port}\r\n", upstream.Received, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("x-mine: 1\r\n", upstream.Received, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task HTTP_1_is_spoken_on_the_same_port_and_not_where_only_HTTP_2_is()
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var both = await TestProxy.StartAsync([upstream.Address], protocol: "Http1,Http2");
        await using var only = await TestProxy.StartAsync([upstream.Address], protocol: "Http2");
        await using var none = await TestProxy.StartAsync([upstream.Address], protocol: "Http1");
        const string request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await RawClient.ExchangeAsync(both.Port, request), StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1", await RawClient.ExchangeAsync(only.Port, request), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 505 ", await RawClient.ExchangeAsync(none.Port, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Auto")]
    [InlineData("Http2")]
    public async Task A_request_that_comes_byte_by_byte_is_the_same_request(string protocol)
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: protocol);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        byte[] bytes = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Http2Frames.Frame(FrameType.Settings, 0, 0, []), .. Http2Frames.Frame(FrameType.Headers, 5, 1, Http2Frames.Block(Http2Frames.Get))];

        foreach (byte b in bytes)
        {
            await client.SendAsync(new[] { b });
        }

        await Eventually.HoldsAsync(() => upstream.Received.StartsWith("GET / HTTP/1.1\r\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Large_bodies_pass_in_both_directions_at_once()
    {
        const int size = 3_000_000;
        using var upstream = RawUpstream.Answering($"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n{new string('x', size)}", remembers: false);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        using var client = Client();

        long[] lengths = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var request = Request(proxy.Port, HttpMethod.Post, "/");
            request.Content = new ByteArrayContent(new byte[size]);
            using var response = await client.SendAsync(request);
            return (long)(await response.Content.ReadAsByteArrayAsync()).Length;
        })).SoonAsync();

        Assert.All(lengths, length => Assert.Equal(size, length));
    }

    [Fact]
    public async Task Trailers_pass_in_both_directions()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 4, Http2Frames.Post);
        await client.SendAsync(FrameType.Data, 0, 1, "abc"u8.ToArray());
        await client.SendHeadersAsync(1, 5, ("x-end", "yes"));

        await Eventually.HoldsAsync(() => upstream.Received.EndsWith("3\r\nabc\r\n0\r\nx-end: yes\r\n\r\n", StringComparison.Ordinal));
        _ = await client.ReadAsync(FrameType.Headers);
        _ = await client.ReadAsync(FrameType.Data);
        var trailers = await client.ReadAsync(FrameType.Headers);
        Assert.True(trailers.Head.Has(FrameFlags.EndStream));
        Assert.Equal(Http2Frames.Block(("x-sum", "7")), trailers.Payload);
    }

    [Fact]
    public async Task A_stalled_download_does_not_hold_up_another_stream()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                string body = request.StartsWith("GET /large", StringComparison.Ordinal) ? new string('x', 5_000_000) : "hi";
                await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        // A stream's window of 1000 bytes, which is never opened for the large ones.
        using var client = await Http2Frames.ConnectAsync(proxy.Port, "0004000003e8");

        for (int i = 0; i < 20; i++)
        {
            await client.SendHeadersAsync((2 * i) + 1, 5, (":method", "GET"), (":scheme", "http"), (":path", "/large"), (":authority", "x"));
        }

        await client.SendHeadersAsync(41, 5, Http2Frames.Get);
        Assert.Equal("200", await client.EndOfAsync(41));
    }

    [Fact]
    public async Task A_proxy_that_drains_says_so_twice_and_serves_what_is_under_way()
    {
        var answer = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await answer.Task;
            await connection.SendAsync(Answer);
        });
        var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        await client.SendHeadersAsync(1, 5, Http2Frames.Get);
        await Eventually.HoldsAsync(() => upstream.Received.Length > 0);

        var stopped = proxy.DisposeAsync().AsTask();
        var first = await client.ReadAsync(FrameType.GoAway);
        var ping = await client.ReadAsync(FrameType.Ping);
        await client.SendAsync(FrameType.Ping, 1, 0, ping.Payload);
        var second = await client.ReadAsync(FrameType.GoAway);
        answer.SetResult();

        Assert.Equal("7fffffff00000000", Convert.ToHexStringLower(first.Payload));
        Assert.Equal("0000000100000000", Convert.ToHexStringLower(second.Payload));
        Assert.Equal("200", await client.EndOfAsync(1));
        await stopped.SoonAsync();
    }

    [Fact]
    public async Task A_stream_that_is_answered_early_stays_open_for_what_its_client_says_of_it()
    {
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], route: AtOnce, protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        Assert.Equal("RST FlowControl", await AfterAnswerAsync(client, 1, Http2Frames.Frame(FrameType.WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff])));
        Assert.Equal(
            "GOAWAY StreamClosed",
            await AfterAnswerAsync(client, 1001, [.. Http2Frames.Frame(FrameType.ResetStream, 0, 0, [0, 0, 0, 8]), .. Http2Frames.Frame(FrameType.Data, 0, 0, [1])]));
    }

    /// <summary>How a stream ends whose client sends <paramref name="frames"/> when it has its answer. A client that was too slow, and was told that nothing more is wanted, tries again.</summary>
    private static async Task<string> AfterAnswerAsync(Http2Frames client, int id, byte[] frames)
    {
        string end = "RST None";
        for (int tries = 0; end == "RST None" && tries < 20; tries++, id += 2)
        {
            await client.SendHeadersAsync(id, 4, Http2Frames.Get);
            Assert.Equal("200", await client.EndOfAsync(id));
            for (int i = 0; i < frames.Length; i += FrameHeader.Size + frames[i + 2])
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(frames.AsSpan(i + 5), id);
            }

            await client.SendBytesAsync(frames);
            end = await client.EndOfAsync(id);
        }

        return end;
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    public async Task A_client_is_told_that_the_rest_of_a_request_is_not_wanted(string body)
    {
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], route: AtOnce, protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 4, Http2Frames.Get);
        Assert.Equal("200", await client.EndOfAsync(1));
        if (body.Length > 0)
        {
            await client.SendAsync(FrameType.Data, 0, 1, Encoding.ASCII.GetBytes(body));
        }

        Assert.Equal("RST None", await client.EndOfAsync(1));
        await client.SendHeadersAsync(3, 5, Http2Frames.Get);
        Assert.Equal("200", await client.EndOfAsync(3));
    }

    [Theory]
    [InlineData("Http1", true)]
    [InlineData("Auto", false)]
    public void A_listener_that_speaks_nothing_of_its_alpn_says_so_at_load(string protocol, bool isTold)
    {
        using var lab = new TlsLab();
        string json = lab.Configuration(["127.0.0.1:1"], [lab.Context(""","alpn":"h2" """)], protocol: protocol);

        var loaded = Outrider.Configuration.ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json");

        Assert.Equal(isTold, loaded.Warnings.Any(warning => warning.Message.StartsWith("speaks nothing of what \"alpn\" lists", StringComparison.Ordinal)));
    }

    [FactWith("curl")]
    public async Task Curl_speaks_it_over_TLS_and_without_and_many_at_once()
    {
        using var lab = new TlsLab();
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await lab.StartAsync([upstream.Address], protocol: "Auto");
        await using var plain = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        string url = $"https://localhost:{proxy.Port}/", clear = $"http://127.0.0.1:{plain.Port}/";

        Assert.Equal("hi2 200", await CurlAsync("--http2", "--cacert", lab.Path("ca.pem"), url));
        Assert.Equal("hi1.1 200", await CurlAsync("--http1.1", "--cacert", lab.Path("ca.pem"), url));
        Assert.Equal("hi2 200", await CurlAsync("--http2-prior-knowledge", "-d", "body", clear));
        // The upgrade that it offers is not followed.
        Assert.Equal("hi1.1 200", await CurlAsync("--http2", clear));
        string many = await CurlAsync("-Z", "--http2", "--cacert", lab.Path("ca.pem"), $"{url}[1-30]");
        Assert.Equal(30, many.Split("2 200").Length - 1);
    }

    private static async Task<string> CurlAsync(params string[] arguments)
        => (await TlsLab.RunAsync("curl", "", ["-s", "-w", "%{http_version} %{http_code}\\n", .. arguments])).Trim();

    [Fact]
    public async Task NETs_client_speaks_it_over_TLS()
    {
        using var lab = new TlsLab();
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await lab.StartAsync([upstream.Address], protocol: "Auto");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } });

        var versions = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var request = new HttpRequestMessage(i % 2 == 0 ? HttpMethod.Get : HttpMethod.Post, $"https://localhost:{proxy.Port}/{i}")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = i % 2 == 0 ? null : new ByteArrayContent(new byte[20_000]),
            };
            using var response = await client.SendAsync(request);
            Assert.Equal("hi", await response.Content.ReadAsStringAsync());
            return response.Version;
        }));

        Assert.All(versions, version => Assert.Equal(HttpVersion.Version20, version));
        Assert.Equal(1, proxy.Stats.ConnectionsAccepted);
    }

    [FactWithH2Spec]
    public Task H2spec_finds_nothing() => H2specAsync(null);

    [FactWithH2Spec]
    public Task H2spec_finds_nothing_behind_a_filter() => H2specAsync(Watching(Pace.AtOnce));

    [FactWithH2Spec]
    public Task H2spec_finds_nothing_behind_a_filter_that_waits() => H2specAsync(Watching(Pace.Yielding));

    [FactWithH2Spec]
    public async Task H2spec_finds_nothing_over_TLS()
    {
        using var lab = new TlsLab();
        using var upstream = RawUpstream.Answering(Hello, remembers: false);
        await using var proxy = await lab.StartAsync([upstream.Address], protocol: "Auto", filter: Watching(Pace.AtOnce));

        await RunH2specAsync($"-h localhost -p {proxy.Port} -t -k -o 5");
    }

    private static Script Watching(Pace pace) => new()
    {
        Pace = pace,
        DecodeHeaders = (_, _, _) => FilterAction.Continue,
        DecodeData = (_, _, _) => FilterAction.Continue,
        EncodeHeaders = (_, _, _) => FilterAction.Continue,
        EncodeData = (_, _, _) => FilterAction.Continue,
    };

    private static async Task H2specAsync(Script? filter)
    {
        using var upstream = RawUpstream.Answering(Hello, remembers: false);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], filter is null ? [] : [filter], protocol: "Auto");

        await RunH2specAsync($"-h 127.0.0.1 -p {proxy.Port} -o 5");
    }

    private static async Task RunH2specAsync(string arguments)
    {
        using var h2spec = Process.Start(new ProcessStartInfo(FactWithH2SpecAttribute.Program!, arguments) { RedirectStandardOutput = true })!;
        string output = await h2spec.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(5));
        await h2spec.WaitForExitAsync();

        var (passed, failed) = (Number(Passed(), output), Number(Failed(), output));
        Assert.True(failed == 0 && passed == 145, output);
    }

    private static int Number(Regex regex, string text) => int.Parse(regex.Match(text).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) passed")]
    private static partial Regex Passed();

    [GeneratedRegex(@"(\d+) failed")]
    private static partial Regex Failed();

    private static HttpClient Client() => new(new SocketsHttpHandler { UseProxy = false });

    private static HttpRequestMessage Request(int port, HttpMethod method, string path) => new(method, $"http://127.0.0.1:{port}{path}")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
