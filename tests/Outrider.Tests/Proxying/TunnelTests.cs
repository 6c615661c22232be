using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class TunnelTests
{
    private const string Ask = "GET /chat HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x\r\n\r\n";
    private const string Accept = "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";

    [Fact]
    public async Task Bytes_pass_both_ways_after_an_upgrade()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync(Accept + "hello");
            while (await connection.ReadAsync() is { Length: > 0 } text)
            {
                await connection.SendAsync(text.ToUpperInvariant());
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var reader = new WireReader(client.Socket);

        await client.SendAsync(Ask);
        string head = await reader.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 Switching Protocols\r\n", head, StringComparison.Ordinal);
        Assert.Equal("websocket", WireReader.Field(head, "upgrade"));
        Assert.Equal("upgrade", WireReader.Field(head, "connection"), ignoreCase: true);
        Assert.Equal("hello"u8.ToArray(), await reader.ReadBytesAsync(5));
        await client.SendAsync("abc");
        Assert.Equal("ABC"u8.ToArray(), await reader.ReadBytesAsync(3));
        client.Shutdown();

        Assert.True(await reader.IsAtEndAsync());
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task Bytes_that_the_client_sends_with_its_request_belong_to_the_tunnel()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync(Accept);
            await connection.SendAsync(await connection.ReadAsync());
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var reader = new WireReader(client.Socket);

        await client.SendAsync(Ask + "early");
        _ = await reader.ReadHeadAsync();

        Assert.Equal("early"u8.ToArray(), await reader.ReadBytesAsync(5));
    }

    [Fact]
    public async Task Large_data_passes_both_ways_at_once()
    {
        var up = TestBytes.Make(12 * 1024 * 1024);
        var down = TestBytes.Make(11 * 1024 * 1024);
        string? received = null;
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            _ = await reader.ReadHeadAsync();
            await connection.SendAsync(Accept);
            var reading = reader.ReadBytesAsync(up.Length);
            await connection.Socket.SendAllAsync(down);
            received = TestBytes.Digest(await reading);
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync(Ask);
        _ = await answers.ReadHeadAsync();
        var sending = client.Socket.SendAllAsync(up);

        Assert.Equal(TestBytes.Digest(down), TestBytes.Digest(await answers.ReadBytesAsync(down.Length)));
        await sending;
        await Eventually.HoldsAsync(() => received is not null);
        Assert.Equal(TestBytes.Digest(up), received);
    }

    [Fact]
    public async Task After_the_clients_end_the_upstream_may_go_on_at_length()
    {
        var down = TestBytes.Make(8 * 1024 * 1024);
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            _ = await reader.ReadHeadAsync();
            await connection.SendAsync(Accept);
            Assert.Empty(await reader.ReadBytesAsync(1));
            for (int i = 0; i < down.Length; i += 512 * 1024)
            {
                await connection.Socket.SendAllAsync(down.AsMemory(i, 512 * 1024));
                await Task.Delay(5);
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync(Ask);
        _ = await answers.ReadHeadAsync();
        client.Shutdown();

        Assert.Equal(TestBytes.Digest(down), TestBytes.Digest(await answers.ReadBytesAsync(long.MaxValue)));
        Assert.False(answers.IsReset);
    }

    [Fact]
    public async Task After_the_upstreams_end_the_client_may_go_on_at_length()
    {
        var up = TestBytes.Make(8 * 1024 * 1024);
        var received = new TaskCompletionSource<string>();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            _ = await reader.ReadHeadAsync();
            await connection.SendAsync(Accept + "bye");
            connection.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            received.SetResult(TestBytes.Digest(await reader.ReadBytesAsync(long.MaxValue)));
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync(Ask);
        _ = await answers.ReadHeadAsync();
        Assert.Equal("bye"u8.ToArray(), await answers.ReadBytesAsync(long.MaxValue));
        for (int i = 0; i < up.Length; i += 512 * 1024)
        {
            await client.Socket.SendAllAsync(up.AsMemory(i, 512 * 1024));
            await Task.Delay(5);
        }

        client.Shutdown();

        Assert.Equal(TestBytes.Digest(up), await received.Task.SoonAsync());
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task A_tunnel_outlives_the_routes_timeout_and_ends_when_nobody_says_anything()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await connection.SendAsync(Accept);
            await connection.SendAsync(await connection.ReadAsync());
            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address],
            route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"1s"}}]""",
            listener: ""","connection_idle_timeout":"4s" """);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        await client.SendAsync(Ask);
        _ = await answers.ReadHeadAsync();
        await Task.Delay(1500);
        await client.SendAsync("still");

        Assert.Equal("still"u8.ToArray(), await answers.ReadBytesAsync(5));
        Assert.True(await answers.IsAtEndAsync());
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task A_sender_is_stopped_when_the_other_side_of_the_tunnel_does_not_read()
    {
        var go = new TaskCompletionSource();
        var up = TestBytes.Make(Flow.Large);
        var received = new TaskCompletionSource<string>();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var reader = new WireReader(connection.Socket);
            _ = await reader.ReadHeadAsync();
            await connection.SendAsync(Accept);
            await go.Task;
            received.SetResult(TestBytes.Digest(await reader.ReadBytesAsync(up.Length)));
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        client.Socket.SendBufferSize = 256 * 1024;
        await client.SendAsync(Ask);
        _ = await new WireReader(client.Socket).ReadHeadAsync();

        int sent = 0;
        var sending = Flow.SendCountingAsync(client.Socket, up, count => Volatile.Write(ref sent, count));
        await Flow.StandsStillAsync(() => Volatile.Read(ref sent));
        int stoppedAt = Volatile.Read(ref sent);
        go.SetResult();

        Assert.InRange(stoppedAt, 1, Flow.MaxUnderway);
        Assert.Equal(TestBytes.Digest(up), await received.Task.SoonAsync());
        await sending;
    }

    [Fact]
    public async Task An_upstream_that_refuses_the_upgrade_answers_as_to_any_request()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 426 Upgrade Required\r\ncontent-length: 2\r\n\r\nno");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);

        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync(Ask);
            Assert.Equal("no", (await answers.ReadMessageAsync()).Body);
        }
    }

    [Fact]
    public async Task An_upgrade_that_nobody_asked_for_is_no_answer()
    {
        using var upstream = RawUpstream.Answering(Accept);
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 502", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }
}
