using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Limits;

public sealed class ConnectionLimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    [Theory]
    [InlineData("", ",\"max_connections\":2", 1)]
    [InlineData("", ",\"max_connections\":2", 2)]
    [InlineData("\"max_connections\":2,", "", 1)]
    [InlineData("\"max_connections\":2,", "", 2)]
    public async Task One_more_than_the_limit_waits_until_another_closes(string server, string listener, int loops)
    {
        var go = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await go.Task;
                await connection.SendAsync(Ok);
            }
        });
        await using var proxy = await StartAsync(upstream.Address, server, listener, loops);
        using var first = await AskAsync(proxy);
        using var second = await AskAsync(proxy);
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 2);

        // The kernel takes it; the proxy does not.
        using var third = await AskAsync(proxy);
        await Eventually.HoldsAsync(() => proxy.Log.Contains("new ones wait", StringComparison.Ordinal));
        Assert.Equal(2, proxy.Stats.ConnectionsAccepted);

        first.Reset();
        go.SetResult();
        Assert.EndsWith("ok", await second.ReadResponseAsync(), StringComparison.Ordinal);
        Assert.EndsWith("ok", await third.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Who_has_been_silent_for_long_makes_room_for_who_waits_and_only_then(int loops)
    {
        using var upstream = RawUpstream.Answering(Ok);
        await using var proxy = await StartAsync(upstream.Address, "\"max_connections\":3,", "", loops);
        var silent = new List<RawClient>();
        for (int i = 0; i < 3; i++)
        {
            silent.Add(await RawClient.ConnectAsync(proxy.Port));
        }

        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 3);
        Assert.Equal(0, proxy.Stats.ConnectionsClosed);

        using var client = await AskAsync(proxy);

        Assert.EndsWith("ok", await client.ReadResponseAsync(), StringComparison.Ordinal);
        silent.ForEach(one => one.Dispose());
    }

    [Theory]
    [InlineData("", ",\"max_connections\":2", 1)]
    [InlineData("\"max_connections\":2,", "", 2)]
    public async Task Places_go_round_where_nobody_rests(string server, string listener, int loops)
    {
        using var upstream = RawUpstream.Answering(Ok);
        await using var proxy = await StartAsync(upstream.Address, server, listener, loops);
        using var stop = new CancellationTokenSource();
        var busy = Enumerable.Range(0, 2).Select(_ => KeepAskingAsync(proxy, stop.Token)).ToArray();
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 2);

        for (int i = 0; i < 5; i++)
        {
            using var another = await AskAsync(proxy);
            Assert.EndsWith("ok", await another.ReadResponseAsync(), StringComparison.Ordinal);
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(busy), Assert.True);
    }

    [Fact]
    public async Task A_reload_changes_the_limits()
    {
        using var upstream = RawUpstream.Answering(Ok);
        await using var proxy = await StartAsync(upstream.Address, "\"max_connections\":1,", ",\"max_connections\":1", 1);
        using var first = await RawClient.ConnectAsync(proxy.Port);
        await Eventually.HoldsAsync(() => proxy.Stats.ConnectionsActive == 1);
        using var second = await AskAsync(proxy);

        var more = ConfigurationLoader.Parse(
            System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(proxy.Server.Configuration.Json.Span).Replace("\"max_connections\":1", "\"max_connections\":2", StringComparison.Ordinal)),
            "test.json").Configuration;
        await proxy.Server.ReloadAsync(more);

        Assert.EndsWith("ok", await second.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"max_connections\":-1,", "", "max_connections")]
    [InlineData("", ",\"max_connections\":\"many\"", "listeners[0].max_connections")]
    [InlineData("\"stuck_loop_timeout\":\"1ms\",", "", "stuck_loop_timeout")]
    public async Task Limits_that_are_none_are_refused(string server, string listener, string path)
    {
        var e = await Assert.ThrowsAsync<ConfigurationException>(() => StartAsync("127.0.0.1:1", server, listener, 1));

        Assert.Contains(path, e.Problems[0].ToString(), StringComparison.Ordinal);
    }

    // Every request has an answer; the last one on a connection says that it is.
    private static async Task<bool> KeepAskingAsync(TestProxy proxy, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            string answer = "";
            while (!stop.IsCancellationRequested && !answer.Contains("connection: close", StringComparison.Ordinal))
            {
                await client.SendAsync(Get);
                answer = await client.ReadResponseAsync();
                if (!answer.EndsWith("ok", StringComparison.Ordinal))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static async Task<RawClient> AskAsync(TestProxy proxy)
    {
        var client = await RawClient.ConnectAsync(proxy.Port);
        await client.SendAsync(Get);
        return client;
    }

    private static Task<TestProxy> StartAsync(string upstream, string server, string listener, int loops)
    {
        string log = Path.Combine(Path.GetTempPath(), $"outrider-test-{Guid.NewGuid():n}.log");
        return TestProxy.StartJsonAsync($$$"""
            {"servers":[{{{{server}}}"default_log_path":"{{{log}}}","graceful_timeout":"1s","processor":{{{loops}}},
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"v","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true{{{listener}}},"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{upstream}}}"}]}]}}
            """, log: log);
    }
}
