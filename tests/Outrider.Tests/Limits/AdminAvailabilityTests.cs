using System.Net.Sockets;
using Outrider.Filters;
using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Limits;

/// <summary>The admin API answers when nothing else does.</summary>
public sealed class AdminAvailabilityTests
{
    private const string Block = "GET / HTTP/1.1\r\nhost: a\r\nx-block: yes\r\n\r\n";
    private const string States = "GET /api/v1/states HTTP/1.1\r\nhost: localhost\r\n\r\n";

    [Fact]
    public async Task When_every_loop_is_stuck_and_the_spare_one_too()
    {
        using var go = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(3);
        var registry = new StreamFilterRegistry();
        registry.Add("block", _ => new Factory(() => new BlockingFilter(go, blocked)));
        await using var proxy = await TestProxy.StartJsonAsync(Json("", "\"stuck_loop_timeout\":\"50ms\",\"processor\":2,"), registry);
        var clients = new List<RawClient>();
        try
        {
            for (int i = 1; i <= 3; i++)
            {
                var client = await RawClient.ConnectAsync(proxy.Port);
                clients.Add(client);
                await client.SendAsync(Block);
                await Eventually.HoldsAsync(() => blocked.CurrentCount == 3 - i);
            }

            Assert.Contains("state=6", await RawClient.ExchangeAsync(proxy.AdminEndPoint.Port, States), StringComparison.Ordinal);
            Assert.Contains("outrider_connections_active 3", await RawClient.ExchangeAsync(proxy.AdminEndPoint.Port, States.Replace("/api/v1/states", "/metrics", StringComparison.Ordinal)), StringComparison.Ordinal);
        }
        finally
        {
            go.Set();
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task When_there_are_as_many_connections_as_there_may_be()
    {
        await using var proxy = await TestProxy.StartJsonAsync(Json("", "\"max_connections\":1,\"processor\":1,"));
        using var one = await RawClient.ConnectAsync(proxy.Port);
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 1);
        using var waiting = await RawClient.ConnectAsync(proxy.Port);

        Assert.Contains("state=6", await RawClient.ExchangeAsync(proxy.AdminEndPoint.Port, States), StringComparison.Ordinal);
        Assert.Equal(1, proxy.Stats.ConnectionsAccepted);
    }

    [FactWith("prlimit")]
    public async Task When_the_process_has_no_descriptor_left()
    {
        using var upstream = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var sample = new SampleCopy(upstream.Port);
        using var proxy = OutriderProcess.Start("start", "-c", sample.File);
        await proxy.ListensAsync(sample.Port);
        // It accepts a moment before it says so.
        await Eventually.HoldsAsync(() => RawClient.ExchangeAsync(sample.AdminPort, States).GetAwaiter().GetResult().Contains("state=6", StringComparison.Ordinal));

        var time = await NoDescriptors.BeginWithWhatItHasAsync(proxy);
        var clients = new List<RawClient>();
        for (int i = 0; i < 300; i++)
        {
            clients.Add(await RawClient.ConnectAsync(sample.Port));
        }

        await Eventually.HoldsAsync(() => proxy.Out.Contains("short of descriptors", StringComparison.Ordinal));
        // More often than there are descriptors kept for it: they are kept again after each.
        for (int i = 0; i < 20; i++)
        {
            Assert.Contains("state=6", await RawClient.ExchangeAsync(sample.AdminPort, States).SoonAsync(), StringComparison.Ordinal);
        }

        await time.EndAsync();
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task Any_listener_may_end_in_it()
    {
        await using var proxy = await TestProxy.StartJsonAsync(Json(""",{"name":"ops","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"admin"}]}]}""", "\"processor\":1,"));
        int port = ((System.Net.IPEndPoint)proxy.Server.Listeners.Single(listener => listener.Snapshot.Configuration.Name == "ops").EndPoint).Port;

        Assert.Contains("state=6", await RawClient.ExchangeAsync(port, States), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 421 ", await RawClient.ExchangeAsync(port, States.Replace("localhost", "evil.example", StringComparison.Ordinal)), StringComparison.Ordinal);
        // Its connections are the listener's: they count, and they go with it.
        Assert.Equal(2, proxy.Stats.ConnectionsAccepted);
        using var silent = await RawClient.ConnectAsync(port);
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsAccepted == 3);
        await proxy.Server.ReloadAsync(Runtime.RuntimeStoreTests.Parse(Json("", "\"processor\":1,")));
        Assert.Equal("", await silent.ReadToEndAsync());
        await Assert.ThrowsAsync<SocketException>(() => RawClient.ConnectAsync(port));
    }

    private static string Json(string listener, string server) => $$$$$"""
        {"servers":[{"default_log_path":"/dev/null","graceful_timeout":"1s",{{{{{server}}}}}
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200}}]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"stream_filters":[{{{{{(server.Contains("stuck", StringComparison.Ordinal) ? "{\"type\":\"block\"}" : "")}}}}}],"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]}{{{{{listener}}}}}]}],
        "cluster_manager":{"clusters":[]},"admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0}}}}
        """;

    private sealed class Factory(Func<StreamFilter> create) : IStreamFilterFactory
    {
        public ReceiverPhase Phase => ReceiverPhase.BeforeRoute;

        public StreamFilterMethods Methods => StreamFilterMethods.DecodeHeaders;

        public StreamFilter CreateFilter() => create();
    }
}
