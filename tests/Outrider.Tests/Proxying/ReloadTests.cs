using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Proxying;

public sealed class ReloadTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    private const string ToUp = """{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Under_load_no_request_fails(int loops)
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var other = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartJsonAsync(Json([("l", "127.0.0.1:0")], ToUp, [upstream.Address], loops));
        int port = proxy.Port;
        bool done = false;
        int served = 0;
        var clients = Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            while (!Volatile.Read(ref done))
            {
                using var client = await RawClient.ConnectAsync(port);
                var answers = new WireReader(client.Socket);
                for (int n = 0; n < 1 + (i * 20); n++)
                {
                    await client.SendAsync(Get);
                    var (head, body) = await answers.ReadMessageAsync();
                    Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
                    Assert.Equal("ok", body);
                    _ = Interlocked.Increment(ref served);
                }
            }
        })).ToList();

        for (int i = 0; i < 20; i++)
        {
            int before = Volatile.Read(ref served);
            string[] hosts = (i % 3) switch { 0 => [other.Address], 1 => [upstream.Address, other.Address], _ => [upstream.Address] };
            await proxy.Server.ReloadAsync(Parse(Json([("l", "127.0.0.1:0")], ToUp, hosts, loops))).SoonAsync();
            await Eventually.HoldsAsync(() => Volatile.Read(ref served) > before + 20 || clients.Exists(c => c.IsFaulted));
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(clients).SoonAsync();
        Assert.True(other.Connections > 0);
    }

    [Fact]
    public async Task Another_route_holds_for_the_next_request_on_the_same_connection()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartJsonAsync(Json([("l", "127.0.0.1:0")], ToUp, [upstream.Address]));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);
        await client.SendAsync(Get);
        Assert.Equal("ok", (await answers.ReadMessageAsync()).Body);

        await proxy.Server.ReloadAsync(Parse(Json([("l", "127.0.0.1:0")], """{"match":{"prefix":"/"},"direct_response":{"status":418,"body":"tea"}}""", [upstream.Address])));
        await client.SendAsync(Get);

        var (head, body) = await answers.ReadMessageAsync();
        Assert.StartsWith("HTTP/1.1 418", head, StringComparison.Ordinal);
        Assert.Equal("tea", body);
    }

    [Fact]
    public async Task A_request_that_runs_ends_under_the_configuration_that_it_began_with()
    {
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await go.Task;
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        });
        await using var proxy = await TestProxy.StartJsonAsync(Json([("l", "127.0.0.1:0")], ToUp, [upstream.Address]));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);
        await Eventually.HoldsAsync(() => upstream.Received.Length > 0);

        await proxy.Server.ReloadAsync(Parse(Json([("l", "127.0.0.1:0")], """{"match":{"prefix":"/"},"direct_response":{"status":418}}""", [])));
        go.SetResult();

        Assert.Equal("ok", (await new WireReader(client.Socket).ReadMessageAsync()).Body);
        // Its host is gone, so its connection does not go back to a pool.
        await Eventually.HoldsAsync(() => proxy.Stats.UpstreamConnectionsActive == 0);
    }

    [Fact]
    public async Task Hosts_that_go_lose_their_idle_connections_and_those_that_stay_keep_them()
    {
        using var stays = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nstays");
        using var goes = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngoes");
        await using var proxy = await TestProxy.StartJsonAsync(Json([("l", "127.0.0.1:0")], ToUp, [stays.Address, goes.Address]));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var answers = new WireReader(client.Socket);
        for (int i = 0; i < 4; i++)
        {
            await client.SendAsync(Get);
            _ = await answers.ReadMessageAsync();
        }

        Assert.Equal(2, proxy.Stats.UpstreamConnectionsActive);
        await proxy.Server.ReloadAsync(Parse(Json([("l", "127.0.0.1:0")], ToUp, [stays.Address])));

        await Eventually.HoldsAsync(() => proxy.Stats.UpstreamConnectionsActive == 1);
        for (int i = 0; i < 4; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal("stays", (await answers.ReadMessageAsync()).Body);
        }

        Assert.Equal(1, stays.Connections);
    }

    [Fact]
    public async Task Listeners_come_and_go()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartJsonAsync(Json([("a", "127.0.0.1:0"), ("b", "127.0.0.1:0")], ToUp, [upstream.Address]));
        int a = PortOf(proxy, "a");
        int b = PortOf(proxy, "b");
        using var onA = await RawClient.ConnectAsync(a);
        using var onB = await RawClient.ConnectAsync(b);
        await onB.SendAsync(Get);
        _ = await onB.ReadResponseAsync();

        await proxy.Server.ReloadAsync(Parse(Json([("b", "127.0.0.1:0"), ("c", "127.0.0.1:0")], ToUp, [upstream.Address])));

        Assert.Equal(b, PortOf(proxy, "b"));
        Assert.Equal("", await onA.ReadToEndAsync());
        await Assert.ThrowsAsync<SocketException>(() => RawClient.ConnectAsync(a));
        await onB.SendAsync(Get);
        Assert.EndsWith("ok", await onB.ReadResponseAsync(), StringComparison.Ordinal);
        using var onC = await RawClient.ConnectAsync(PortOf(proxy, "c"));
        await onC.SendAsync(Get);
        Assert.EndsWith("ok", await onC.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_that_fails_leaves_everything_in_force()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartJsonAsync(Json([("l", "127.0.0.1:0")], ToUp, [upstream.Address]));
        using var client = await RawClient.ConnectAsync(proxy.Port);
        int port = proxy.Port;
        var before = proxy.Server.Configuration;
        var host = proxy.Server.Clusters.Find("up")!.Hosts.Hosts[0];
        const string Tea = """{"match":{"prefix":"/"},"direct_response":{"status":418}}""";

        await Assert.ThrowsAsync<IOException>(() => proxy.Server.ReloadAsync(Parse(Json([("new", "127.0.0.1:0"), ("taken", other.LocalEndpoint.ToString()!), ("l", "127.0.0.1:0")], Tea, []))));
        await Assert.ThrowsAsync<ConfigurationException>(() => proxy.Server.ReloadAsync(Parse(
            Json([("l", "127.0.0.1:0")], Tea, []).Replace("\"bind_port\":true", "\"bind_port\":true,\"stream_filters\":[{\"type\":\"nobody-knows\"}]", StringComparison.Ordinal))));

        await Assert.ThrowsAsync<IOException>(() => proxy.Server.ReloadAsync(Parse(
            Json([("taken", other.LocalEndpoint.ToString()!)], ToUp, [upstream.Address]).Replace($"\"{upstream.Address}\"", $"\"{upstream.Address}\",\"hostname\":\"other\"", StringComparison.Ordinal))));

        Assert.Equal("", host.Hostname);
        Assert.Same(before, proxy.Server.Configuration);
        Assert.Equal(port, Assert.Single(proxy.Server.Listeners.Select(l => ((IPEndPoint)l.EndPoint).Port)));
        await client.SendAsync(Get);
        Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    private static int PortOf(TestProxy proxy, string name)
        => ((IPEndPoint)proxy.Server.Listeners.Single(l => l.Snapshot.Configuration.Name == name).EndPoint).Port;

    private static ProxyConfiguration Parse(string json) => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;

    private static string Json(IEnumerable<(string Name, string Address)> listeners, string route, IEnumerable<string> hosts, int loops = 1)
    {
        string bound = string.Join(",", listeners.Select(l => $$$"""{"name":"{{{l.Name}}}","address":"{{{l.Address}}}","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]}"""));
        string addresses = string.Join(",", hosts.Select(h => $$"""{"address":"{{h}}"}"""));
        return $$$$"""
            {"servers":[{"overload_delay":"0s","default_log_path":"/dev/null","graceful_timeout":"5s","processor":{{{{loops}}}},
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{{{{route}}}}]}]}],
            "listeners":[{{{{bound}}}}]}],
            "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","hosts":[{{{{addresses}}}}]}]}}
            """;
    }
}
