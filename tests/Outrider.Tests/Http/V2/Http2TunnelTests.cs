using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Outrider.Http.V2.Framing;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Http.V2;

/// <summary>Tunnels through streams: extended CONNECT (RFC 8441) from clients and to upstreams, and CONNECT itself.</summary>
public sealed class Http2TunnelTests
{
    private const string Accept = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: tcp\r\n\r\n";

    private static readonly (string, string)[] s_connect =
        [(":method", "CONNECT"), (":protocol", "tcp"), (":scheme", "http"), (":path", "/chat?x=1"), (":authority", "a"), ("x-mine", "1")];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    public async Task WebSocket_passes_from_either_version_to_either_version(int clients, int upstreams)
    {
        var served = new ConcurrentBag<WebSocket>();
        using var server = WebSocketEcho(served);
        string address = server.Prefixes.Single()[7..^1];
        await using var origin = await TestProxy.StartAsync([address], protocol: "Http2");
        await using var proxy = await TestProxy.StartAsync(
            [upstreams == 1 ? address : $"127.0.0.1:{origin.Port}"], protocol: "Auto", upstreamProtocol: upstreams == 1 ? "Http1" : "Http2");
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = new Version(clients, clients == 1 ? 1 : 0);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.AddSubProtocol("echo");

        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{proxy.Port}/socket"), invoker, CancellationToken.None).SoonAsync();

        Assert.Equal("echo", socket.SubProtocol);
        foreach (int size in (int[])[5, 70_000, 2_000_000])
        {
            byte[] message = TestBytes.Make(size);
            var sending = socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            byte[] answer = await ReceiveAsync(socket).SoonAsync();
            await sending;
            Assert.Equal(TestBytes.Digest(message), TestBytes.Digest(answer));
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None).SoonAsync();
        socket.Dispose();
        served.Single().Dispose();
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
    }

    [Fact]
    public async Task A_tunnel_is_an_upgrade_to_an_upstream_of_HTTP_1_and_what_comes_early_waits()
    {
        var answer = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await answer.Task;
            await connection.SendAsync(Accept + "hello");
            while (await connection.ReadAsync() is { Length: > 0 } text)
            {
                await connection.SendAsync(text.ToUpperInvariant());
            }

            await connection.SendAsync("bye");
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 4, s_connect);
        await client.SendAsync(FrameType.Data, 0, 1, "abc"u8.ToArray());
        await Eventually.HoldsAsync(() => upstream.Received.Contains("\r\n\r\n", StringComparison.Ordinal));
        Assert.StartsWith("GET /chat?x=1 HTTP/1.1\r\nhost: a\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.Contains("\r\nupgrade: tcp\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.EndsWith("\r\nconnection: upgrade\r\n\r\n", upstream.Received, StringComparison.Ordinal);
        answer.SetResult();

        Assert.Equal([(":status", "200")], Http2Frames.Fields((await client.ReadAsync(FrameType.Headers)).Payload).Where(field => field.Name != "date"));
        Assert.Equal("helloABC", await client.ReadDataAsync(1, 8));
        // Each direction ends by itself.
        await client.SendAsync(FrameType.Data, 1, 1, "last"u8.ToArray());
        Assert.Equal("LASTbye", await client.ReadDataAsync(1, 7));
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task After_the_upstreams_end_the_client_may_go_on()
    {
        var received = new TaskCompletionSource<string>();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            var reader = new WireReader(connection.Socket);
            await reader.ReadHeadAsync();
            await connection.SendAsync(Accept + "bye");
            connection.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            received.SetResult(Encoding.ASCII.GetString(await reader.ReadBytesAsync(long.MaxValue)));
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 4, s_connect);
        Assert.Equal("bye", await client.ReadDataAsync(1, 3));
        while (!(await client.ReadAsync(FrameType.Data)).Head.Has(FrameFlags.EndStream))
        {
        }

        await client.SendAsync(FrameType.Data, 0, 1, "more "u8.ToArray());
        await client.SendAsync(FrameType.Data, 1, 1, "and more"u8.ToArray());

        Assert.Equal("more and more", await received.Task.SoonAsync());
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
        await client.SendHeadersAsync(3, 4, (":method", "CONNECT"), (":authority", "a"));
        Assert.Equal("405", await client.EndOfAsync(3));
    }

    [Fact]
    public async Task A_tunnel_that_its_client_resets_ends_the_upstreams_connection()
    {
        var ended = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Accept);
            try
            {
                while (await connection.ReadAsync() is { Length: > 0 })
                {
                }
            }
            finally
            {
                ended.SetResult();
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 4, s_connect);
        _ = await client.ReadAsync(FrameType.Headers);
        await client.SendAsync(FrameType.ResetStream, 0, 1, [0, 0, 0, 8]);

        await ended.Task.SoonAsync();
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task A_tunnel_ends_when_nobody_says_anything()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Accept);
            await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address],
            route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"3s"}}]""",
            listener: ""","connection_idle_timeout":"6s" """,
            protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 4, s_connect);

        Assert.Equal("RST Cancel", await client.EndOfAsync(1));
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "502")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "502")]
    [InlineData("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno", "403")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n", "502")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", "502")]
    public async Task What_is_no_tunnel_is_never_told_as_one(string answer, string status)
    {
        using var upstream = RawUpstream.Answering(answer);
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 4, [.. s_connect.Select(field => field.Item1 == ":protocol" ? (":protocol", "websocket") : field)]);

        Assert.Equal(status, await client.EndOfAsync(1));
    }

    public static TheoryData<string, string> Connects => new()
    {
        { ":method=CONNECT :authority=a:443", "405" },
        { ":method=CONNECT", "RST Protocol" },
        { ":method=CONNECT :authority=a :path=/ :scheme=http", "RST Protocol" },
        { ":method=CONNECT :authority=a :path=/", "RST Protocol" },
        { ":method=CONNECT :protocol=tcp :authority=a", "RST Protocol" },
        { ":method=CONNECT :protocol=tcp :authority=a :path=/", "RST Protocol" },
        { ":method=CONNECT :protocol=tcp :path=/ :scheme=http", "RST Protocol" },
        { ":method=CONNECT :protocol=a/b :authority=a :path=/ :scheme=http", "RST Protocol" },
        { ":method=CONNECT :protocol= :authority=a :path=/ :scheme=http", "RST Protocol" },
        { ":method=CONNECT :protocol=tcp :protocol=tcp :authority=a :path=/ :scheme=http", "RST Protocol" },
        { ":method=CONNECT :protocol=tcp :authority=a :path=/ :scheme=http content-length=5", "RST Protocol" },
        { ":method=CONNECT :protocol=tcp :authority=a :path=/ :scheme=http upgrade=x", "RST Protocol" },
        { ":method=GET :protocol=tcp :authority=a :path=/ :scheme=http", "RST Protocol" },
        { ":method=CONNECT :protocol=h2c :authority=a :path=/ :scheme=http", "501" },
        { ":method=CONNECT :protocol=HTTP :authority=a :path=/ :scheme=http", "501" },
        { ":method=CONNECT :protocol=tls :authority=a :path=/ :scheme=http", "501" },
    };

    [Theory]
    [MemberData(nameof(Connects))]
    public async Task A_CONNECT_that_cannot_be_served_is_refused(string fields, string end)
    {
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 4, [.. fields.Split(' ').Select(field => field.Split('=')).Select(parts => (parts[0], parts[1]))]);

        Assert.Equal(end, await client.EndOfAsync(1));
    }

    [Fact]
    public async Task A_header_block_in_a_tunnel_is_an_error_of_the_stream()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(Accept);
            await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address], protocol: "Auto");
        using var client = await Http2Frames.ConnectAsync(proxy.Port);

        await client.SendHeadersAsync(1, 4, s_connect);
        _ = await client.ReadAsync(FrameType.Headers);
        await client.SendHeadersAsync(1, 5, ("x", "y"));

        Assert.Equal("RST Protocol", await client.EndOfAsync(1));
    }

    [Fact]
    public async Task An_upgrade_waits_for_the_hosts_settings_and_becomes_a_CONNECT()
    {
        using var peer = new Http2Peer();
        await using var proxy = await TestProxy.StartAsync([peer.EndPoint.ToString()], upstreamProtocol: "Http2");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var reader = new WireReader(client.Socket);
        await client.SendAsync("GET /chat HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket, other\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n");
        await peer.AcceptAsync(settings: null);
        // An ordinary request does not wait, and so has the first number.
        var ordinary = RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        var first = (await peer.ReadAsync(FrameType.Headers))!.Value;
        // A stream's window of five bytes holds for it too, and once.
        await peer.SendAsync(FrameType.Settings, 0, 0, "000400000005000800000001");
        var second = (await peer.ReadAsync(FrameType.Headers))!.Value;
        await peer.SendAsync(FrameType.Headers, 5, 1, "88");

        Assert.Contains((":path", "/"), Http2Frames.Fields(first.Payload));
        Assert.StartsWith("HTTP/1.1 200 ", await ordinary, StringComparison.Ordinal);
        Assert.Equal(3, second.Head.StreamId);
        Assert.False(second.Head.Has(FrameFlags.EndStream));
        var fields = Http2Frames.Fields(second.Payload);
        Assert.Equal([(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/chat"), (":authority", "a")], fields.Take(5));
        Assert.Contains(("sec-websocket-version", "13"), fields);
        Assert.DoesNotContain(fields, field => field.Name is "sec-websocket-key" or "upgrade" or "connection" or "te");
        await peer.SendAsync(FrameType.Headers, 4, 3, "88");
        string head = await reader.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        // RFC 6455 §1.3.
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WireReader.Field(head, "sec-websocket-accept"));

        await client.SendAsync("up");
        Assert.Equal("up"u8.ToArray(), (await peer.ReadAsync(FrameType.Data))!.Value.Payload);
        await peer.SendAsync(FrameType.Data, 0, 3, "646f776e");
        Assert.Equal("down"u8.ToArray(), await reader.ReadBytesAsync(4));
        client.Shutdown();
        Assert.True((await peer.ReadAsync(FrameType.Data))!.Value.Head.Has(FrameFlags.EndStream));
        await peer.SendAsync(FrameType.Data, 1, 3, "21");
        Assert.Equal("!"u8.ToArray(), await reader.ReadBytesAsync(1));
        Assert.True(await reader.IsAtEndAsync());
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("000800000000")]
    public async Task A_host_that_does_not_allow_it_is_not_asked(string settings)
    {
        using var peer = new Http2Peer();
        await using var proxy = await TestProxy.StartAsync([peer.EndPoint.ToString()], upstreamProtocol: "Http2");
        var early = RawClient.ExchangeAsync(proxy.Port, "GET /one HTTP/1.1\r\nhost: a\r\nconnection: Upgrade, close\r\nupgrade: tcp\r\n\r\n");
        await peer.AcceptAsync(settings);
        Assert.StartsWith("HTTP/1.1 502 ", await early, StringComparison.Ordinal);
        Assert.StartsWith(
            "HTTP/1.1 502 ", await RawClient.ExchangeAsync(proxy.Port, "GET /two HTTP/1.1\r\nhost: a\r\nconnection: Upgrade, close\r\nupgrade: tcp\r\n\r\n"), StringComparison.Ordinal);
        var ordinary = RawClient.ExchangeAsync(proxy.Port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        var asked = (await peer.ReadAsync(FrameType.Headers))!.Value;
        Assert.Contains((":path", "/"), Http2Frames.Fields(asked.Payload));
        await peer.SendAsync(FrameType.Headers, 5, asked.Head.StreamId, "88");
        Assert.StartsWith("HTTP/1.1 200 ", await ordinary, StringComparison.Ordinal);
        Assert.Equal(1, proxy.Stats.UpstreamConnects);
    }

    [Fact]
    public async Task An_upgrade_with_a_body_goes_on_as_an_ordinary_request()
    {
        using var peer = new Http2Peer();
        await using var proxy = await TestProxy.StartAsync([peer.EndPoint.ToString()], upstreamProtocol: "Http2");
        var answer = RawClient.ExchangeAsync(proxy.Port, "POST /exec HTTP/1.1\r\nhost: a\r\nconnection: Upgrade, close\r\nupgrade: tcp\r\ncontent-length: 2\r\n\r\nhi");
        await peer.AcceptAsync("000800000001");

        var fields = Http2Frames.Fields((await peer.ReadAsync(FrameType.Headers))!.Value.Payload);
        Assert.Equal((":method", "POST"), fields[0]);
        Assert.DoesNotContain(fields, field => field.Name is "upgrade" or ":protocol");
        Assert.Equal("hi"u8.ToArray(), (await peer.ReadAsync(FrameType.Data))!.Value.Payload);
        await peer.SendAsync(FrameType.Headers, 5, 1, "88");
        Assert.StartsWith("HTTP/1.1 200 ", await answer, StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket)
    {
        var message = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        WebSocketReceiveResult piece;
        do
        {
            piece = await socket.ReceiveAsync(buffer, CancellationToken.None);
            message.Write(buffer, 0, piece.Count);
        }
        while (!piece.EndOfMessage);

        return message.ToArray();
    }

    private static HttpListener WebSocketEcho(ConcurrentBag<WebSocket> served)
    {
        var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{FreePorts.Next()}/");
        listener.Start();
        _ = ServeAsync(listener, served);
        return listener;
    }

    private static async Task ServeAsync(HttpListener listener, ConcurrentBag<WebSocket> served)
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                var socket = (await context.AcceptWebSocketAsync("echo")).WebSocket;
                served.Add(socket);
                _ = EchoAsync(socket);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private static async Task EchoAsync(WebSocket socket)
    {
        byte[] buffer = new byte[16 * 1024];
        while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } piece)
        {
            await socket.SendAsync(buffer.AsMemory(0, piece.Count), piece.MessageType, piece.EndOfMessage, CancellationToken.None);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None);
    }
}
