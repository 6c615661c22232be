using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

public sealed class ContextTests
{
    [Fact]
    public async Task A_filter_knows_its_stream_to_the_last_detail_when_it_logs()
    {
        var seen = new ConcurrentQueue<string>();
        var filter = new Script
        {
            Log = f =>
            {
                var c = f.Context;
                seen.Enqueue($"{c.Protocol} {c.ListenerName} {c.Route!.Name} {c.Route.VirtualHost} {c.Route.RouterConfigName} {c.ClusterName} {c.UpstreamHost}");
                seen.Enqueue($"{c.ResponseCode} {c.BytesReceived} {c.BytesSent} {c.ResponseFlags} {c.IsLocalReply} {c.RequestHeaders.PathString} {c.ResponseHeaders!.GetString("x-up")}");
                seen.Enqueue(c.DownstreamLocalAddress);
                seen.Enqueue(c.DownstreamRemoteAddress);
                seen.Enqueue(c.UpstreamLocalAddress!);
                var t = c.Timings;
                seen.Enqueue($"{t.RequestReceived > TimeSpan.Zero} {t.ResponseReceived >= t.RequestReceived} {t.RequestFinished >= t.ResponseReceived} {t.StartTime.Kind}");
            },
        };
        using var upstream = RawUpstream.Answering(Response("answer", "x-up: 1\r\n"));
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        string local = client.Socket.LocalEndPoint!.ToString()!;

        await client.SendAsync(Post("body", "/path"));
        await client.ReadResponseAsync();
        await proxy.AssertEndedAsync(filter);

        Assert.Equal($"HTTP/1.1 l prefix / all r up {upstream.Address}", seen.ElementAt(0));
        Assert.Equal("200 4 6 None False /path 1", seen.ElementAt(1));
        Assert.Equal($"127.0.0.1:{proxy.Port}", seen.ElementAt(2));
        Assert.Equal(local, seen.ElementAt(3));
        Assert.StartsWith("127.0.0.1:", seen.ElementAt(4), StringComparison.Ordinal);
        Assert.Equal("True True True Utc", seen.ElementAt(5));
    }

    [Fact]
    public async Task What_went_wrong_is_in_the_flags()
    {
        var seen = new ConcurrentQueue<(int, ResponseFlags, bool)>();
        var filter = new Script { Log = f => seen.Enqueue((f.Context.ResponseCode, f.Context.ResponseFlags, f.Context.IsLocalReply)) };
        await using var proxy = await TestProxy.StartAsync(
            ["127.0.0.1:1"], [filter], route: """[{"match":{"prefix":"/known"},"route":{"cluster_name":"up"}}]""");

        await proxy.SendAsync("GET /known HTTP/1.1\r\nhost: a\r\n\r\n");
        await proxy.SendAsync("GET /unknown HTTP/1.0\r\n\r\n");
        await EventuallyAsync(() => seen.Count == 2);

        Assert.Equal([(502, ResponseFlags.UpstreamConnectionFailure, true), (404, ResponseFlags.NoRouteFound, true)], seen);
    }

    [Fact]
    public async Task Every_stream_has_a_number_of_its_own_on_every_listener_and_loop()
    {
        var ids = new ConcurrentBag<long>();
        var registry = new StreamFilterRegistry();
        registry.Add("f", _ => new Script { Log = f => ids.Add(f.Context.Id) });
        string Listener(string name) => $$$$"""
            {"name":"{{{{name}}}}","address":"127.0.0.1:0","bind_port":true,"stream_filters":[{"type":"f"}],
             "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"}}]}]}
            """;
        // Two addresses: listeners are told apart by them.
        string json = $$$$"""
            {"servers":[{"default_log_path":"stderr","default_log_level":"FATAL","processor":2,
             "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200}}]}]}],
             "listeners":[{{{{Listener("a")}}}},{{{{Listener("b").Replace("127.0.0.1", "127.0.0.2", StringComparison.Ordinal)}}}}]}],
             "cluster_manager":{"clusters":[]}}
            """;
        await using var proxy = await TestProxy.StartJsonAsync(json, registry);
        var endPoints = proxy.Server.Listeners.Select(l => (System.Net.IPEndPoint)l.EndPoint).ToList();

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync(endPoints[i % 2]);
            await client.GetStream().WriteAsync(System.Text.Encoding.Latin1.GetBytes(Get));
            Assert.NotEqual(0, await client.GetStream().ReadAsync(new byte[1000]));
        }));
        await EventuallyAsync(() => ids.Count == 40);

        Assert.Equal(40, ids.Distinct().Count());
    }

    [Fact]
    public async Task Variables_go_from_filter_to_filter_and_the_proxys_own_can_be_read()
    {
        var seen = new ConcurrentQueue<string?>();
        var setter = new Script
        {
            DecodeHeaders = (f, _, _) =>
            {
                f.Context.SetVariable("tenant", "acme");
                f.Context.SetVariable("gone", 1);
                f.Context.SetVariable("gone", null);
                Assert.Throws<ArgumentException>(() => f.Context.SetVariable("upstream_host", "x"));
                Assert.Throws<ArgumentException>(() => f.Context.SetVariable("", "x"));
                return FilterAction.Continue;
            },
        };
        var getter = new Script
        {
            EncodeHeaders = (f, _, _) =>
            {
                foreach (string name in new[] { "tenant", "gone", "upstream_host", "request_header_x-in", "no_such_variable" })
                {
                    seen.Enqueue(f.Context.GetVariable(name)?.ToString());
                }

                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], [setter, getter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nx-in: 7\r\n\r\n");
        Assert.Equal(200, StatusOf(await client.ReadResponseAsync()));

        Assert.Equal(["acme", null, upstream.Address, "7", null], seen);
    }

    [Fact]
    public async Task Variables_tell_the_target_as_it_came_and_as_it_went_on()
    {
        string[] names = ["request_uri", "request_path", "request_path_original", "request_arg", "request_arg_a", "request_arg_b", "request_arg_c"];
        var seen = new ConcurrentQueue<string?>();
        var getter = new Script
        {
            EncodeHeaders = (f, _, _) =>
            {
                Array.ForEach(names, name => seen.Enqueue(f.Context.GetVariable(name)?.ToString()));
                return FilterAction.Continue;
            },
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], [getter], route: """[{"match":{"prefix":"/old"},"route":{"cluster_name":"up","prefix_rewrite":"/new"}}]""");

        Assert.Equal(200, StatusOf(await proxy.SendAsync("GET /old/x?a=1&b=2 HTTP/1.1\r\nhost: a\r\n\r\n")));

        Assert.Equal(["/old/x?a=1&b=2", "/new/x", "/old/x", "a=1&b=2", "1", "2", null], seen);
    }

    [Fact]
    public async Task Why_a_response_was_made_here_can_be_asked_for()
    {
        var seen = new ConcurrentQueue<object?>();
        var getter = new Script { Log = f => seen.Enqueue(f.Context.GetVariable("response_code_details")) };
        var replier = new Script
        {
            DecodeHeaders = (_, headers, _) => headers.Path.SequenceEqual("/reply"u8)
                ? FilterAction.Reply(new LocalReply(403) { Details = "not on the list" })
                : FilterAction.Continue,
        };
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartAsync(
            [upstream.Address], [getter, replier], route: """[{"match":{"prefix":"/r"},"route":{"cluster_name":"up"}}]""");

        Assert.Equal(403, StatusOf(await proxy.SendAsync("GET /reply HTTP/1.1\r\nhost: a\r\n\r\n")));
        Assert.Equal(404, StatusOf(await proxy.SendAsync("GET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n")));
        Assert.Equal(200, StatusOf(await proxy.SendAsync("GET /r HTTP/1.1\r\nhost: a\r\n\r\n")));
        await EventuallyAsync(() => seen.Count == 3);

        Assert.Equal(["not on the list", "no route", null], seen);
    }

    [Fact]
    public async Task Variables_end_with_their_stream()
    {
        var filter = new Script
        {
            Reset = () => true,
            DecodeHeaders = (f, _, _) =>
            {
                object? before = f.Context.GetVariable("mine");
                f.Context.SetVariable("mine", 1);
                return FilterAction.Reply(before is null ? 200 : 500);
            },
        };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(Get);
            Assert.Equal(200, StatusOf(await client.ReadResponseAsync()));
        }
    }

    [Fact]
    public async Task A_streams_log_carries_its_number()
    {
        long id = 0;
        var filter = new Script
        {
            DecodeHeaders = (f, _, _) =>
            {
                id = f.Context.Id;
                f.Context.Log.Info("what an operator wants to see");
                Assert.True(f.Context.Log.IsEnabled(StreamLogLevel.Debug));
                Assert.False(f.Context.Log.IsEnabled(StreamLogLevel.Trace));
                return FilterAction.Reply(200);
            },
        };
        await using var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], [filter]);

        Assert.Equal(200, StatusOf(await proxy.SendAsync(Get)));

        Assert.Matches($@"(?m)\[INFO\].*\[{id:x}\] what an operator wants to see$", proxy.Log);
    }
}
