using System.Collections.Concurrent;
using System.Text;
using Outrider.Assemblies;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Server;
using Outrider.Running;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.Rpc;

/// <summary>A protocol that is not HTTP goes through filters, routes and pools by its two codecs alone: no line of the proxy knows of it.</summary>
public sealed class RpcTests
{
    private const string TwoServices = """
        [{"match":{"prefix":"/shop."},"route":{"cluster_name":"up"}},
         {"match":{"path":"/health"},"direct_response":{"status":200,"body":"well"}}]
        """;

    [Fact]
    public async Task Calls_share_a_connection_on_either_side_and_are_answered_in_any_order()
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            // Answers each three calls in the reverse of their order.
            var wire = RpcWire.Of(connection);
            while (true)
            {
                var calls = new List<(uint Id, string Head, string Body)>();
                while (calls.Count < 3)
                {
                    if (await wire.ReadAsync() is not { } call)
                    {
                        return;
                    }

                    calls.Add((call.Id, call.Head, call.Body));
                }

                foreach (var (id, head, body) in Enumerable.Reverse(calls))
                {
                    await wire.SendAsync(id, RpcFrame.Answer, "200\nseen-by:upstream\n", $"{head.Split('\n')[0]}({body}) for {Field(head, "x-user")}");
                }
            }
        });
        var filter = new Script
        {
            DecodeHeaders = (_, headers, _) =>
            {
                headers.Set("x-user", "user" + headers.GetString("number"));
                return FilterAction.Continue;
            },
            EncodeHeaders = (_, headers, _) =>
            {
                headers.Set("seen-by", headers.GetString("seen-by") + ", filter");
                return FilterAction.Continue;
            },
        };
        await using var proxy = await StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var peer = RpcWire.Of(client);
        for (uint id = 1; id <= 6; id++)
        {
            await peer.SendAsync(id * 100, RpcFrame.Call, $"shop.buy\nnumber:{id}\n", new string('b', (int)id));
        }

        var order = new List<uint>();
        for (int i = 0; i < 6; i++)
        {
            var answer = await peer.ReadAsync();
            Assert.Equal(RpcFrame.Answer, answer!.Value.Kind);
            Assert.Equal("200", answer.Value.Head.Split('\n')[0]);
            Assert.Equal("upstream, filter", Field(answer.Value.Head, "seen-by"));
            Assert.Equal($"shop.buy({new string('b', (int)answer.Value.Id / 100)}) for user{answer.Value.Id / 100}", answer.Value.Body);
            order.Add(answer.Value.Id);
        }

        Assert.Equal([300, 200, 100, 600, 500, 400], order.Select(id => (int)id));
        Assert.Equal(1, upstream.Connections);
        Assert.Equal(6, filter.Filters.Count);
        // The last is counted when its answer may have come already.
        await Eventually.HoldsAsync(() => ((int)proxy.Stats.ConnectionsAccepted, (int)proxy.Stats.StreamsTotal, (int)proxy.Server.Stats.Cluster("up")[0].Counts.ResponsesSucceeded) == (1, 6, 6));
    }

    [Fact]
    public async Task A_one_way_call_arrives_and_nothing_comes_back()
    {
        var arrived = new ConcurrentQueue<(byte Kind, string Body)>();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            var wire = RpcWire.Of(connection);
            while (await wire.ReadAsync() is { } call)
            {
                arrived.Enqueue((call.Kind, call.Body));
                if (call.Kind == RpcFrame.Call)
                {
                    await wire.SendAsync(call.Id, RpcFrame.Answer, "200\n", "done");
                }
            }
        });
        await using var proxy = await StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var peer = RpcWire.Of(client);
        await peer.SendAsync(1, RpcFrame.OneWay, "shop.note\n", "one");
        await peer.SendAsync(2, RpcFrame.OneWay, "nobody.knows\n", "two");
        await peer.SendAsync(3, RpcFrame.OneWay, "shop.note\n");
        await peer.SendAsync(4, RpcFrame.Call, "shop.buy\n");

        // The first thing that comes is the answer to the call.
        Assert.Equal((4, RpcFrame.Answer, "done"), await peer.ReadAsync() is { } answer ? ((int)answer.Id, answer.Kind, answer.Body) : default);
        await Eventually.HoldsAsync(() => arrived.Count == 3);
        // In whatever order: a call does not wait for another, and one with a body is not whole at once.
        Assert.Equal([(RpcFrame.Call, ""), (RpcFrame.OneWay, ""), (RpcFrame.OneWay, "one")], arrived.OrderBy(call => call.Kind).ThenBy(call => call.Body, StringComparer.Ordinal));
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsTotal: 4, StreamsActive: 0 });
    }

    [Fact]
    public async Task What_the_proxy_answers_itself_is_an_answer_of_the_protocol()
    {
        var filter = new Script { DecodeHeaders = (_, headers, _) => headers.GetString("token") is null ? FilterAction.Reply(403, "no token") : FilterAction.Continue };
        await using var proxy = await StartAsync(["127.0.0.1:1"], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var peer = RpcWire.Of(client);
        async Task<string> AskAsync(string head)
        {
            await peer.SendAsync(7, RpcFrame.Call, head, "body");
            return await peer.ReadAsync() is { Id: 7, Kind: RpcFrame.Answer } answer ? answer.Head.Split('\n')[0] + " " + answer.Body : "";
        }

        Assert.Equal("403 no token", await AskAsync("health\n"));
        Assert.Equal("200 well", await AskAsync("health\ntoken:1\n"));
        Assert.StartsWith("404 ", await AskAsync("other\ntoken:1\n"), StringComparison.Ordinal);
        Assert.StartsWith("502 ", await AskAsync("shop.buy\ntoken:1\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_filter_holds_its_own_call_and_no_other()
    {
        using var upstream = Echo();
        var release = new TaskCompletionSource();
        var filter = new Script
        {
            DecodeHeadersAsync = async (_, headers) =>
            {
                if (headers.GetString("slow") is not null)
                {
                    await release.Task;
                }

                return FilterAction.Continue;
            },
        };
        await using var proxy = await StartAsync([upstream.Address], [filter]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var peer = RpcWire.Of(client);
        await peer.SendAsync(1, RpcFrame.Call, "shop.a\nslow:1\n", "first");
        await peer.SendAsync(2, RpcFrame.Call, "shop.b\n", "second");
        Assert.Equal("second", (await peer.ReadAsync())!.Value.Body);
        release.SetResult();
        Assert.Equal("first", (await peer.ReadAsync())!.Value.Body);
    }

    [Fact]
    public async Task Each_end_is_asked_whether_it_is_there_and_asks()
    {
        var silent = new TaskCompletionSource<RpcWire>();
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var wire = RpcWire.Of(connection);
            var call = await wire.ReadAsync();
            await wire.SendAsync(9, RpcFrame.Ping);
            Assert.Equal(RpcFrame.Pong, (await wire.ReadAsync())!.Value.Kind);
            await wire.SendAsync(call!.Value.Id, RpcFrame.Answer, "200\n", "ok");

            // Asked, and says nothing: the proxy gives it up.
            Assert.Equal(RpcFrame.Ping, (await wire.ReadAsync(answersPings: false))!.Value.Kind);
            Assert.Null(await wire.ReadAsync(answersPings: false));
            silent.SetResult(wire);
        });
        await using var proxy = await StartAsync([upstream.Address], interval: 1000);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var peer = RpcWire.Of(client);
        await peer.SendAsync(5, RpcFrame.Ping);
        Assert.Equal((5u, RpcFrame.Pong), await peer.ReadAsync() is { } pong ? (pong.Id, pong.Kind) : default);
        await peer.SendAsync(1, RpcFrame.Call, "shop.buy\n");
        Assert.Equal("ok", (await peer.ReadAsync())!.Value.Body);
        _ = await silent.Task.SoonAsync();

        // The client as well, which has answered until now.
        Assert.Equal(RpcFrame.Ping, (await peer.ReadAsync(answersPings: false))!.Value.Kind);
        Assert.Null(await peer.ReadAsync(answersPings: false));
    }

    [Theory]
    [InlineData("\0\0\0\x1\0\0\0\0\0\0\0")]
    [InlineData("\xff\xff\xff\xff\0\0\0\0\0\0\0")]
    [InlineData("\0\0\0\x8\0\0\0\x1\x9\0\0\0")]
    [InlineData("\0\0\0\x8\0\0\0\x1\0\0\x1x")]
    [InlineData("\0\0\0\x7\0\0\0\x1\x2\0\0")]
    public async Task What_is_no_frame_ends_the_connection_and_what_is_under_way_on_it(string bytes)
    {
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadAsync() is { Length: > 0 })
            {
            }
        });
        await using var proxy = await StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        await RpcWire.Of(client).SendAsync(1, RpcFrame.Call, "shop.buy\n");
        await Eventually.HoldsAsync(() => upstream.Received.Length > 0);
        await client.SendAsync(bytes);
        Assert.Equal("", await client.ReadToEndAsync());
        await Eventually.HoldsAsync(() => proxy.Stats is { StreamsActive: 0, ConnectionsActive: 0 });
    }

    [Fact]
    public async Task An_upstream_that_goes_fails_its_calls_and_the_next_goes_to_another_connection()
    {
        using var upstream = new RawUpstream(async (connection, number) =>
        {
            var wire = RpcWire.Of(connection);
            while (await wire.ReadAsync() is { } call)
            {
                if (number == 1)
                {
                    return;
                }

                await wire.SendAsync(call.Id, call.Body == "fail" ? RpcFrame.Failed : RpcFrame.Answer, call.Body == "fail" ? "" : "200\n", call.Body == "fail" ? "" : "ok");
            }
        });
        await using var proxy = await StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var peer = RpcWire.Of(client);
        await peer.SendAsync(1, RpcFrame.Call, "shop.buy\n", "x");
        Assert.StartsWith("50", (await peer.ReadAsync())!.Value.Head, StringComparison.Ordinal);
        await peer.SendAsync(2, RpcFrame.Call, "shop.buy\n", "x");
        Assert.Equal("ok", (await peer.ReadAsync())!.Value.Body);
        await peer.SendAsync(3, RpcFrame.Call, "shop.buy\n", "fail");
        Assert.StartsWith("50", (await peer.ReadAsync())!.Value.Head, StringComparison.Ordinal);
        Assert.Equal(2, upstream.Connections);
    }

    [Fact]
    public async Task Frames_may_come_in_any_pieces_and_bodies_be_large()
    {
        using var upstream = Echo();
        await using var proxy = await StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        foreach (char c in RpcWire.Frame(1, RpcFrame.Call, "shop.buy\nx:y\n", "bit by bit"))
        {
            await client.SendAsync(c.ToString());
        }

        var peer = RpcWire.Of(client);
        Assert.Equal("bit by bit", (await peer.ReadAsync())!.Value.Body);
        string large = string.Concat(Enumerable.Range(0, 100_000).Select(i => i.ToString("x6")[..6]));
        await peer.SendAsync(2, RpcFrame.Call, "shop.buy\n", large);
        Assert.Equal(large, (await peer.ReadAsync())!.Value.Body);
    }

    [Fact]
    public async Task The_other_side_may_speak_HTTP()
    {
        using var upstream = RawUpstream.Answering(FilterExchange.Response("from HTTP"));
        await using var proxy = await StartAsync([upstream.Address], upstreamProtocol: "Http1");
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var peer = RpcWire.Of(client);
        await peer.SendAsync(1, RpcFrame.Call, "shop.buy\nfield:value\n", "body");
        Assert.Equal("from HTTP", (await peer.ReadAsync())!.Value.Body);
        Assert.StartsWith("CALL /shop.buy HTTP/1.1\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.Contains("field: value\r\n", upstream.Received, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nbody", upstream.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_stops_lets_calls_end()
    {
        var answer = new TaskCompletionSource();
        using var upstream = new RawUpstream(async (connection, _) =>
        {
            var wire = RpcWire.Of(connection);
            var call = await wire.ReadAsync();
            await answer.Task;
            await wire.SendAsync(call!.Value.Id, RpcFrame.Answer, "200\n", "late");
            await wire.ReadAsync();
        });
        await using var proxy = await StartAsync([upstream.Address]);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        using var idle = await RawClient.ConnectAsync(proxy.Port);
        var peer = RpcWire.Of(client);
        await peer.SendAsync(1, RpcFrame.Call, "shop.buy\n");
        await Eventually.HoldsAsync(() => upstream.Received.Length > 0 && proxy.Stats.ConnectionsAccepted == 2);
        var stopped = proxy.Server.StopAsync();
        Assert.Equal("", await idle.ReadToEndAsync());
        answer.SetResult();
        Assert.Equal("late", (await peer.ReadAsync())!.Value.Body);
        Assert.Null(await peer.ReadAsync());
        await stopped.SoonAsync();
    }

    [Theory]
    [InlineData("downstream_protocol", "no protocol of clients is named \"gopher\"; there are: Http1, Http2, Auto, rpc")]
    [InlineData("upstream_protocol", "no protocol to upstreams is named \"gopher\"; there are: Http1, Http2, Auto, rpc")]
    public async Task A_name_that_no_codec_has_is_an_error_with_its_path(string key, string message)
    {
        string json = $$"""
            {"servers":[{"default_log_path":"stderr","default_log_level":"FATAL","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"{{key}}":"gopher","router_config_name":"r"} }]}]}]}]}
            """;
        var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;
        var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => ProxyServer.CheckAsync(configuration, new StreamFilterRegistry(), extensions: Speaking(1000)))).Problems);
        Assert.Equal("servers[0].listeners[0].filter_chains[0].filters[0].config." + key, problem.JsonPath);
        Assert.Equal(message, problem.Message);
    }

    [Fact]
    public void A_name_is_registered_once_and_a_codec_is_for_one_side_at_least()
    {
        var codecs = Speaking(1000).Codecs;
        Assert.Throws<ArgumentException>(() => codecs.Add("rpc", new RpcCodec(1)));
        Assert.Throws<ArgumentException>(() => codecs.Add("a,b", new RpcCodec(1)));
        Assert.Throws<ArgumentException>(() => codecs.Add("neither", new Neither()));
        Assert.Equal(["rpc"], codecs.ServerNames);
        Assert.Equal(["rpc"], codecs.UpstreamNames);
    }

    [Fact]
    public async Task A_codec_in_a_dll_is_loaded_and_used()
    {
        var extensions = new ConnectionExtensions();
        Assert.Contains("test-rpc", ExtensionAssembly.Load(typeof(LoadedCodec).Assembly.Location, new StreamFilterRegistry(), new CertificateProviderRegistry(), kinds: [CodecKind.Of(extensions.Codecs)]));
        using var upstream = Echo();
        await using var proxy = await TestProxy.StartAsync([upstream.Address], route: TwoServices, protocol: "test-rpc", upstreamProtocol: "test-rpc", extensions: extensions);
        using var client = await RawClient.ConnectAsync(proxy.Port);
        var peer = RpcWire.Of(client);
        await peer.SendAsync(1, RpcFrame.Call, "shop.buy\n", "by name");
        Assert.Equal("by name", (await peer.ReadAsync())!.Value.Body);
    }

    private sealed class Neither : Outrider.Http.Streams.ICodec
    {
        public string Name => "";

        public string? ApplicationProtocol => null;
    }

    private static RawUpstream Echo() => new(async (connection, _) =>
    {
        var wire = RpcWire.Of(connection);
        while (await wire.ReadAsync() is { } call)
        {
            await wire.SendAsync(call.Id, RpcFrame.Answer, "200\n", call.Body);
        }
    });

    private static ConnectionExtensions Speaking(int interval)
    {
        var extensions = new ConnectionExtensions();
        extensions.Codecs.Add("rpc", new RpcCodec(interval));
        return extensions;
    }

    private static Task<TestProxy> StartAsync(IEnumerable<string> upstreams, IReadOnlyList<IStreamFilterFactory>? filters = null, int interval = 10_000, string upstreamProtocol = "rpc") => TestProxy.StartAsync(
        upstreams, filters, route: TwoServices, protocol: "rpc", upstreamProtocol: upstreamProtocol, extensions: Speaking(interval));

    private static string Field(string head, string name) => head.Split('\n').FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..] ?? "";
}
