using System.Net;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Http.V2;

/// <summary>HTTP/2 to upstreams: any mixture of versions on the two sides, and pools of connections that carry many exchanges.</summary>
public sealed class Http2UpstreamTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Up: yes\r\n\r\nhi";
    private const int EndBoth = 5;

    // :status 200
    private const string Ok = "88";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Requests_of_either_version_share_one_connection(int version)
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var origin = await TestProxy.StartAsync([upstream.Address], protocol: "Http2");
        await using var proxy = await TestProxy.StartAsync([$"127.0.0.1:{origin.Port}"], protocol: "Auto", upstreamProtocol: "Http2");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        var bodies = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            using var request = Request(proxy.Port, i % 2 == 0 ? HttpMethod.Get : HttpMethod.Post, "/" + i, version);
            request.Content = i % 2 == 0 ? null : new ByteArrayContent(new byte[5000]);
            using var response = await client.SendAsync(request);
            Assert.Equal("yes", response.Headers.GetValues("x-up").Single());
            return await response.Content.ReadAsStringAsync();
        }));

        Assert.All(bodies, body => Assert.Equal("hi", body));
        Assert.Equal(1, proxy.Stats.UpstreamConnects);
    }

    [Fact]
    public async Task Auto_speaks_what_the_client_spoke()
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var origin = await TestProxy.StartAsync([upstream.Address], protocol: "Http2");
        await using var toHttp1 = await TestProxy.StartAsync([upstream.Address], protocol: "Auto", upstreamProtocol: "Auto");
        await using var toHttp2 = await TestProxy.StartAsync([$"127.0.0.1:{origin.Port}"], protocol: "Auto", upstreamProtocol: "Auto");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        using var first = Request(toHttp1.Port, HttpMethod.Get, "/one", 1);
        using var second = Request(toHttp2.Port, HttpMethod.Get, "/two", 2);
        using var one = await client.SendAsync(first);
        using var two = await client.SendAsync(second);

        Assert.Equal("hi", await one.Content.ReadAsStringAsync());
        Assert.Equal("hi", await two.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 200)]
    [InlineData("POST", "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", 200)]
    [InlineData("POST", "<html>", 200)]
    [InlineData("GET", "", 200)]
    [InlineData("POST", "", 502)]
    [InlineData("GET", null, 200)]
    public async Task Auto_falls_back_to_HTTP_1_where_the_host_does_not_speak_HTTP_2(string method, string? answer, int status)
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                if (!request.StartsWith("PRI ", StringComparison.Ordinal))
                {
                    await connection.SendAsync(Answer);
                    continue;
                }

                // It answers, closes, or waits for more.
                await connection.SendAsync(answer ?? "");
                if (answer is not null)
                {
                    connection.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                }

                // With bytes unread the answer could be lost by a reset.
                while (await connection.Socket.ReceiveAsync(new byte[1000]) > 0)
                {
                }

                return;
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto", upstreamProtocol: "Auto", cluster: $$""","connect_timeout":"{{(answer is null ? "3s" : "20s")}}" """);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        using var first = Request(proxy.Port, new HttpMethod(method), "/one", 2);
        first.Content = method == "POST" ? new ByteArrayContent(new byte[100]) : null;
        using var one = await client.SendAsync(first).SoonAsync();
        using var second = Request(proxy.Port, HttpMethod.Get, "/two", 2);
        using var two = await client.SendAsync(second).SoonAsync();

        Assert.Equal(status, (int)one.StatusCode);
        Assert.Equal("hi", await two.Content.ReadAsStringAsync());
        // What it has shown once it need not show again.
        Assert.Equal(1, upstream.Received.Split("PRI * HTTP/2.0").Length - 1);
        Assert.Equal(status == 200 ? 1 : 0, upstream.Received.Split("/one HTTP/1.1").Length - 1);
    }

    [Fact]
    public async Task Where_HTTP_2_alone_may_be_spoken_a_host_of_HTTP_1_is_a_502_at_once()
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto", upstreamProtocol: "Http2");

        Assert.StartsWith("HTTP/1.1 502 ", await RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.Equal(0, proxy.Stats.UpstreamTimeouts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Large_bodies_pass_whole_within_the_windows(int version)
    {
        string body = new('x', 3_000_000);
        using var upstream = RawUpstream.Answering($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}", remembers: false);
        await using var origin = await TestProxy.StartAsync([upstream.Address], protocol: "Http2");
        await using var proxy = await TestProxy.StartAsync([$"127.0.0.1:{origin.Port}"], protocol: "Auto", upstreamProtocol: "Http2");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        using var request = Request(proxy.Port, HttpMethod.Post, "/", version);
        request.Content = new ByteArrayContent(new byte[1_000_000]);
        using var response = await client.SendAsync(request);

        Assert.Equal(body, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Trailers_pass()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-End: there\r\n\r\n");
        await using var origin = await TestProxy.StartAsync([upstream.Address], protocol: "Http2");
        await using var proxy = await TestProxy.StartAsync([$"127.0.0.1:{origin.Port}"], protocol: "Auto", upstreamProtocol: "Http2");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        using var request = Request(proxy.Port, HttpMethod.Get, "/", 2);
        using var response = await client.SendAsync(request);

        Assert.Equal("hi", await response.Content.ReadAsStringAsync());
        Assert.Equal("there", response.TrailingHeaders.GetValues("x-end").Single());
    }

    [Fact]
    public async Task A_stream_that_the_host_refused_is_sent_again()
    {
        using var peer = new Http2Peer();
        await using var proxy = await TestProxy.StartAsync([peer.EndPoint.ToString()], upstreamProtocol: "Http2");
        var answer = RawClient.ExchangeAsync(proxy.Port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        await peer.AcceptAsync();
        _ = await peer.ReadAsync(FrameType.Headers);
        await peer.SendAsync(FrameType.ResetStream, 0, 1, "00000007");

        Assert.Equal(3, (await peer.ReadAsync(FrameType.Headers))!.Value.Head.StreamId);
        await peer.SendAsync(FrameType.Headers, EndBoth, 3, Ok);

        Assert.StartsWith("HTTP/1.1 200 ", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_host_that_goes_away_did_not_process_is_sent_again_on_another_connection()
    {
        using var peer = new Http2Peer();
        await using var proxy = await TestProxy.StartAsync([peer.EndPoint.ToString()], upstreamProtocol: "Http2");
        var answer = RawClient.ExchangeAsync(proxy.Port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
        await peer.AcceptAsync();
        _ = await peer.ReadAsync(FrameType.Headers);
        await peer.SendAsync(FrameType.GoAway, 0, 0, "0000000000000000");

        await peer.AcceptAsync();
        Assert.Equal(1, (await peer.ReadAsync(FrameType.Headers))!.Value.Head.StreamId);
        await peer.SendAsync(FrameType.Headers, EndBoth, 1, Ok);

        Assert.StartsWith("HTTP/1.1 200 ", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_answers_no_PING_is_given_up()
    {
        using var peer = new Http2Peer();
        await using var proxy = await TestProxy.StartAsync(
            [peer.EndPoint.ToString()], upstreamProtocol: "Http2", cluster: ""","Http2":{"keepalive_interval":"100ms","keepalive_timeout":"3s"}""");
        var answer = RawClient.ExchangeAsync(proxy.Port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        await peer.AcceptAsync();

        Assert.NotNull(await peer.ReadAsync(FrameType.Ping));
        Assert.StartsWith("HTTP/1.1 502 ", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_connections_are_made_to_a_host_than_max_connections()
    {
        using var upstream = RawUpstream.Answering(Answer);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], cluster: ""","max_connections":1""");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        var bodies = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => client.GetStringAsync($"http://127.0.0.1:{proxy.Port}/{i}")));

        Assert.All(bodies, body => Assert.Equal("hi", body));
        Assert.Equal(1, proxy.Stats.UpstreamConnects);
    }

    [Theory]
    [InlineData("Auto", "Auto", "HTTP/2")]
    [InlineData("Http1", "Auto", "HTTP/1.1")]
    [InlineData("Auto", "Http1", "HTTP/1.1")]
    [InlineData("Http2", "Http2", "HTTP/2")]
    public async Task With_TLS_the_host_chooses_of_what_it_is_offered(string host, string upstreamProtocol, string spoken)
    {
        using var lab = new TlsLab();
        using var upstream = RawUpstream.Answering(Answer);
        await using var origin = await lab.StartAsync([upstream.Address], protocol: host);
        string route = $$$"""[{"match":{"prefix":"/"},"route":{"cluster_name":"up","upstream_protocol":"{{{upstreamProtocol}}}"}}]""";
        await using var proxy = await lab.StartAsync(
            [$"localhost:{origin.Port}"], [], cluster: ",\"tls_context\":{\"status\":true,\"insecure_skip\":true}", route: route, accessLog: "%upstream_protocol%", protocol: "Auto");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });

        Assert.Equal("hi", await client.GetStringAsync($"http://127.0.0.1:{proxy.Port}/"));

        await Eventually.HoldsAsync(() => File.Exists(lab.Path("access.log")) && File.ReadAllText(lab.Path("access.log")) == spoken + "\n");
    }

    [Fact]
    public async Task A_connection_that_dies_ends_its_streams_and_no_others()
    {
        using var dies = new Http2Peer();
        using var lives = new Http2Peer();
        await using var proxy = await TestProxy.StartAsync([dies.EndPoint.ToString(), lives.EndPoint.ToString()], protocol: "Http2", upstreamProtocol: "Http2");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);
        for (int id = 1; id < 9; id += 2)
        {
            await client.SendHeadersAsync(id, 5, Http2Frames.Post);
        }

        foreach (var peer in (Http2Peer[])[dies, lives])
        {
            await peer.AcceptAsync();
            _ = await peer.ReadAsync(FrameType.Headers);
            _ = await peer.ReadAsync(FrameType.Headers);
            await peer.SendAsync(FrameType.Headers, 4, 1, Ok);
            await peer.SendAsync(FrameType.Headers, 4, 3, Ok);
        }

        await Eventually.HoldsAsync(() => proxy.Stats.Http2Upstream.Streams == 4);
        dies.Dispose();
        Assert.Equal(["RST Internal", "RST Internal"], [await client.EndOfAsync(1), await client.EndOfAsync(5)]);
        await lives.SendAsync(FrameType.Data, 1, 1, "6869");
        await lives.SendAsync(FrameType.Data, 1, 3, "6869");
        Assert.Equal(4, await client.CountDataAsync(2));
    }

    private static HttpRequestMessage Request(int port, HttpMethod method, string path, int version) => new(method, $"http://127.0.0.1:{port}{path}")
    {
        Version = new Version(version, version == 1 ? 1 : 0),
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };
}
