using System.Net;
using System.Net.Sockets;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class StoppingTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    [Fact]
    public async Task A_running_request_ends_idle_connections_close_and_new_ones_are_refused()
    {
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                if (request.Contains("/slow", StringComparison.Ordinal))
                {
                    await go.Task;
                }

                await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            }
        });
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        int port = proxy.Port;
        using var busy = await RawClient.ConnectAsync(port);
        using var idle = await RawClient.ConnectAsync(port);
        using var fresh = await RawClient.ConnectAsync(port);
        await idle.SendAsync(Get);
        _ = await idle.ReadResponseAsync();
        await busy.SendAsync("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n");
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 1, ConnectionsActive: 3 });

        var stopping = proxy.Server.StopAsync();

        Assert.Equal("", await idle.ReadToEndAsync());
        Assert.Equal("", await fresh.ReadToEndAsync());
        await Eventually.HoldsAsync(() => IsRefused(port));
        Assert.False(stopping.IsCompleted);
        go.SetResult();
        string answer = await busy.ReadToEndAsync();
        Assert.Contains("\r\nconnection: close\r\n", answer, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("ok", answer, StringComparison.Ordinal);
        await stopping.SoonAsync();
    }

    [Fact]
    public async Task What_is_left_when_the_grace_is_over_is_cut()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            _ = await connection.ReadAsync();
        });
        await using var proxy = await TestProxy.StartJsonAsync(Json(upstream.Address, grace: "200ms"));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 1);

        await proxy.Server.StopAsync().SoonAsync();

        Assert.Equal("", await client.ReadToEndAsync());
        Assert.True(proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0, UpstreamConnectionsActive: 0 });
    }

    [Fact]
    public async Task Connections_that_wait_to_be_accepted_are_served_before_the_end()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        var clients = new List<RawClient>();
        for (int i = 0; i < 20; i++)
        {
            var client = await RawClient.ConnectAsync(proxy.Port);
            await client.SendAsync(Get);
            clients.Add(client);
        }

        var stopping = proxy.Server.StopAsync();

        foreach (var client in clients)
        {
            Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
            client.Dispose();
        }

        await stopping.SoonAsync();
    }

    [Fact]
    public async Task Pooled_connections_to_upstreams_are_closed_at_the_end()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);
        _ = await client.ReadResponseAsync();

        await proxy.Server.StopAsync().SoonAsync();

        Assert.Equal(0, proxy.Stats.UpstreamConnectionsActive);
    }

    [Fact]
    public async Task A_proxy_without_listeners_stops_too()
    {
        await using var proxy = await TestProxy.StartJsonAsync("""{"servers":[{"processor":1,"routers":[],"listeners":[]}],"cluster_manager":{"clusters":[]}}""");

        await proxy.Server.StopAsync().SoonAsync();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public async Task An_address_that_somebody_has_is_named(int loops, bool sharesPort)
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (sharesPort)
        {
            // SOL_SOCKET, SO_REUSEPORT: the kernel would let us in.
            other.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));
        }

        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        string address = other.LocalEndPoint!.ToString()!;

        var e = await Assert.ThrowsAsync<IOException>(() => TestProxy.StartJsonAsync(Json("127.0.0.1:1", address: address, loops: loops)).SoonAsync());

        Assert.Contains(address, e.Message, StringComparison.Ordinal);
        Assert.Contains("'second'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_admin_address_that_somebody_has_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        string json = Json("127.0.0.1:1").TrimEnd()[..^1] + ",\"admin\":{\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":" + port + "}}}}";

        var e = await Assert.ThrowsAsync<IOException>(() => TestProxy.StartJsonAsync(json).SoonAsync());

        Assert.Contains($"127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
    }

    private static bool IsRefused(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    // Two listeners: the second one is where the address is to fail, with the first one open already.
    private static string Json(string upstream, string grace = "5s", string address = "127.0.0.1:0", int loops = 1) => $$$$"""
        {"servers":[{"default_log_path":"/dev/null","graceful_timeout":"{{{{grace}}}}","processor":{{{{loops}}}},
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
        "listeners":[
          {"name":"first","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]},
          {"name":"second","address":"{{{{address}}}}","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"{{{{upstream}}}}"}]}]}}
        """;
}
