using System.Text;
using Outrider.Assemblies;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Samples.GateNetworkFilter;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using Outrider.Tests.Tcp;
using Outrider.Tests.Tls;

namespace Outrider.Tests.Network;

/// <summary>Network filters, before <c>tcp_proxy</c> and before HTTP.</summary>
public sealed class NetworkFilterTests
{
    private const string Router = """{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}""";
    private const string Tcp = """{"type":"tcp_proxy","config":{"cluster":"up"}}""";
    private const string Http = """{"type":"proxy","config":{"downstream_protocol":"Auto","upstream_protocol":"Http1","router_config_name":"r"}}""";

    [Fact]
    public async Task It_sees_and_changes_the_bytes_both_ways()
    {
        var script = new NetworkScript
        {
            Received = (_, data, _) => Replaced(data, text => text.Replace("secret", "******", StringComparison.Ordinal)),
            Sending = (_, data, _) => Replaced(data, text => text.ToUpperInvariant()),
        };
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await StartAsync(lab, Tcp, upstream, script);
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("my secret!");
        Assert.Equal("MY ******!", await client.ReadUntilAsync(text => text.Length == 10));
        Assert.Equal("my ******!", upstream.Received);
        client.Shutdown();
        Assert.Equal("", await client.ReadToEndAsync());
        await Eventually.HoldsAsync(() => script.Filters.Single().ClosedCount == 1);
    }

    [Theory]
    [InlineData(Tcp)]
    [InlineData(Http)]
    public async Task Large_bodies_pass_several_of_them_that_take_their_time(string end)
    {
        async ValueTask<NetworkAction> LateAsync(NetworkScript.Scripted filter, NetworkData data, bool last)
        {
            await Task.Yield();
            return NetworkAction.Continue;
        }

        var slow = new NetworkScript { Received = LateAsync, Sending = LateAsync };
        var thread = new NetworkScript { Sending = (_, _, _) => new(Task.Run(() => NetworkAction.Continue)), Received = (_, _, _) => new(Task.Run(() => NetworkAction.Continue)) };
        await using var lab = new TcpLab();
        string body = string.Concat(Enumerable.Range(0, 300_000).Select(i => (char)('a' + (i % 23))));
        using var upstream = end == Tcp ? Echo() : new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                await connection.SendAsync(FilterExchange.Response(FilterExchange.BodyOf(request)));
            }
        });
        int port = await StartAsync(lab, end, upstream, slow, new NetworkScript(), thread);
        using var client = await RawClient.ConnectAsync(port);
        if (end == Tcp)
        {
            var sent = client.SendAsync(body);
            string back = await client.ReadUntilAsync(text => text.Length >= body.Length);
            await sent;
            Assert.Equal(body, back);
            client.Shutdown();
            Assert.Equal("", await client.ReadToEndAsync());
        }
        else
        {
            for (int i = 0; i < 2; i++)
            {
                await client.SendAsync(FilterExchange.Post(body));
                Assert.Equal(body, FilterExchange.BodyOf(await client.ReadResponseAsync()));
            }
        }
    }

    [Fact]
    public async Task Bytes_that_it_waits_with_come_again_with_those_that_follow()
    {
        var shown = new List<string>();
        var script = new NetworkScript
        {
            Received = (_, data, last) =>
            {
                lock (shown)
                {
                    shown.Add(Text(data) + (last ? "." : ""));
                }

                return new(Text(data).EndsWith('\n') || last ? NetworkAction.Continue : NetworkAction.Wait);
            },
        };
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await StartAsync(lab, Tcp, upstream, script);
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("ab");
        await Eventually.HoldsAsync(() => shown.Count == 1);
        await client.SendAsync("cd\n");
        Assert.Equal("abcd\n", await client.ReadUntilAsync(text => text.Length == 5));
        await client.SendAsync("rest");
        await Eventually.HoldsAsync(() => shown.Count == 3);
        client.Shutdown();
        Assert.Equal("rest", await client.ReadToEndAsync());
        Assert.Equal(["ab", "abcd\n", "rest", "rest."], shown);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_connected_to_before_the_connection_is_let_in(bool byData)
    {
        var release = new TaskCompletionSource<NetworkAction>();
        var script = new NetworkScript
        {
            Connected = _ => byData ? new(NetworkAction.Wait) : new(release.Task),
            Received = (_, data, _) => new(!byData || Text(data).Length >= 4 ? NetworkAction.Continue : NetworkAction.Wait),
        };
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await StartAsync(lab, Tcp, upstream, script);
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("ab");
        await Eventually.HoldsAsync(() => script.Filters.Count == 1);
        using (var other = await RawClient.ConnectAsync(port))
        {
            // Time for what must not happen: another connection has come as far meanwhile.
            await Eventually.HoldsAsync(() => script.Filters.Count == 2);
        }

        Assert.Equal(0, upstream.Connections);
        release.SetResult(NetworkAction.Continue);
        await client.SendAsync("cd");
        Assert.Equal("abcd", await client.ReadUntilAsync(text => text.Length == 4));
    }

    [Fact]
    public async Task One_that_closes_or_throws_ends_its_connection_and_no_other()
    {
        var script = new NetworkScript
        {
            Received = (_, data, _) => Text(data) switch
            {
                "close" => new(NetworkAction.Close("it said so")),
                "throw" => throw new InvalidOperationException("broken"),
                "late" => LaterAsync(),
                _ => new(NetworkAction.Continue),
            },
        };
        static async ValueTask<NetworkAction> LaterAsync()
        {
            await Task.Yield();
            throw new InvalidOperationException("broken later");
        }

        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await StartAsync(lab, Tcp, upstream, script);
        using var other = await RawClient.ConnectAsync(port);
        foreach (string word in new[] { "close", "throw", "late" })
        {
            Assert.Equal("", await RawClient.ExchangeAsync(port, word));
        }

        await other.SendAsync("still here");
        Assert.Equal("still here", await other.ReadUntilAsync(text => text.Length == 10));
        Assert.Equal("still here", upstream.Received);
        other.Shutdown();
        Assert.Equal("", await other.ReadToEndAsync());
        await Eventually.HoldsAsync(() => script.Filters.All(filter => filter.ClosedCount == 1));
        _ = await lab.LinesAsync(4);
        // Two files, each written in its own time.
        foreach (string line in new[] { "network filter 'f0': it said so", "network filter 'f0' on listener 'l' failed", "broken later" })
        {
            await Eventually.HoldsAsync(() => File.ReadAllText(lab.ErrorLog).Contains(line, StringComparison.Ordinal), line);
        }

        await Eventually.HoldsAsync(() => lab.Stats is { ConnectionsActive: 0, TcpSessionsActive: 0, ConnectionsRejected: 1 });
    }

    [Fact]
    public async Task Nothing_of_a_connection_that_is_over_can_be_used()
    {
        var release = new TaskCompletionSource<NetworkAction>();
        var script = new NetworkScript
        {
            Received = (filter, data, _) =>
            {
                filter.Kept = data;
                return Text(data) == "hold" ? new(release.Task) : new(NetworkAction.Continue);
            },
        };
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await StartAsync(lab, Tcp, upstream, script);
        using (var client = await RawClient.ConnectAsync(port))
        {
            await client.SendAsync("go");
            Assert.Equal("go", await client.ReadUntilAsync(text => text.Length == 2));
            Assert.Throws<InvalidOperationException>(() => script.Filters.Single().Kept!.Length);
            await client.SendAsync("hold");
            await Eventually.HoldsAsync(() => script.Filters.Single().Kept is not null && upstream.Received == "go");
            client.Socket.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        }

        var filter = script.Filters.Single();
        await Eventually.HoldsAsync(() => filter.ClosedCount == 1);
        Assert.Throws<InvalidOperationException>(() => filter.Kept!.Span.Length);
        Assert.Throws<InvalidOperationException>(() => filter.Connection);
        release.SetResult(NetworkAction.Continue);
    }

    [Fact]
    public async Task One_that_never_decides_has_its_connection_closed_in_time()
    {
        var script = new NetworkScript { Connected = _ => new(new TaskCompletionSource<NetworkAction>().Task) };
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await StartAsync(lab, Tcp, upstream, ""","listener_filters_timeout":"100ms" """, script);
        Assert.Equal("", await RawClient.ExchangeAsync(port, "x"));
        Assert.Equal(0, upstream.Connections);
    }

    [Fact]
    public async Task One_that_keeps_more_than_it_may_has_its_connection_closed()
    {
        var script = new NetworkScript { Received = (_, _, _) => new(NetworkAction.Wait) };
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await StartAsync(lab, Tcp, upstream, script);
        using var client = await RawClient.ConnectAsync(port);
        try
        {
            await client.SendAsync(new string('x', 200_000));
            Assert.Equal("", await client.ReadToEndAsync());
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Reset, as not all was read.
        }

        await Eventually.HoldsAsync(() => script.Filters.Single().ClosedCount == 1);
        Assert.Equal("", upstream.Received);
    }

    [Fact]
    public async Task Before_HTTP_over_TLS_it_sees_plain_bytes_and_who_the_client_is()
    {
        var seen = new TaskCompletionSource<string>();
        var script = new NetworkScript
        {
            Connected = filter =>
            {
                var connection = filter.Connection;
                seen.SetResult($"{connection.ListenerName} {connection.FilterChainName} {connection.IsTls} {connection.ServerName} {connection.ApplicationProtocol} {connection.RemoteAddress!.Address} {connection.LocalAddress!.Port}");
                return new(NetworkAction.Continue);
            },
            Received = (_, data, _) => Replaced(data, text => text.Replace("GET /a", "GET /b", StringComparison.Ordinal)),
            Sending = (_, data, _) => Replaced(data, text => text.Replace("answer", "ANSWER", StringComparison.Ordinal)),
        };
        await using var lab = new TcpLab();
        using var upstream = RawUpstream.Answering(FilterExchange.Response("answer"));
        int port = await StartAsync(lab, Http, upstream, "", [script], $"\"tls_context\":{lab.Tls.Context()},");
        string answer = await TlsClient.GetAsync(port);
        Assert.EndsWith("ANSWER", answer, StringComparison.Ordinal);
        Assert.StartsWith("GET /", upstream.Received, StringComparison.Ordinal);
        Assert.Equal($"l filter_chains[0] True localhost  127.0.0.1 {port}", (await seen.Task.SoonAsync()).Replace("http/1.1", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sample_in_a_dll_lets_certain_first_bytes_in_and_nobody_behind_hears_of_others()
    {
        var extensions = new ConnectionExtensions();
        Assert.Equal(["name-gate"], ExtensionAssembly.Load(typeof(GateFilter).Assembly.Location, new StreamFilterRegistry(), new CertificateProviderRegistry(), kinds: [ExtensionKind.NetworkFilters(extensions.NetworkFilters)]));
        await using var lab = new TcpLab();
        using var upstream = Echo();
        int port = await lab.StartAsync(
            $$""" "filter_chains":[{"filters":[{"type":"name-gate","config":{"first_bytes":["SSH-2.0-","PING"]} },{{Tcp}}]}] """, TcpLab.Cluster("up", upstream.Address), extensions: extensions);
        Assert.Equal("", await RawClient.ExchangeAsync(port, "GET / HTTP/1.1\r\n\r\n"));
        Assert.Equal("", await RawClient.ExchangeAsync(port, "PONG"));
        Assert.Equal(0, upstream.Connections);
        using var client = await RawClient.ConnectAsync(port);
        await client.SendAsync("SSH-");
        await client.SendAsync("2.0-x");
        Assert.Equal("SSH-2.0-x", await client.ReadUntilAsync(text => text.Length == 9));
    }

    [Fact]
    public async Task A_sample_lets_certain_server_names_through_to_TLS_that_ends_elsewhere()
    {
        var extensions = new ConnectionExtensions();
        extensions.NetworkFilters.Add("name-gate", _ => () => new GateFilter(new GateConfig { ServerNames = ["localhost", "*.example.test"] }));
        await using var lab = new TcpLab();
        using var upstream = RawUpstream.Answering(FilterExchange.Response("inside"));
        int inner = await lab.StartAsync($$""" "filter_chains":[{"tls_context":{{lab.Tls.Context()}},"filters":[{{Http}}]}] """, TcpLab.Cluster("up", upstream.Address), Router);
        int port = await lab.StartAsync(
            $$""" "listener_filters":[{"type":"tls_inspector"}],"filter_chains":[{"filters":[{"type":"name-gate"},{{Tcp}}]}] """, TcpLab.Cluster("up", $"127.0.0.1:{inner}"), extensions: extensions);
        Assert.EndsWith("inside", await TlsClient.GetAsync(port), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => TlsClient.GetAsync(port, "other.test"));
    }

    [Theory]
    [InlineData("""{"type":"nothing"},""", "filters[0].type", "there is no network filter 'nothing' that may stand before tcp_proxy; there are: name-gate")]
    [InlineData("""{"type":"name-gate"},""", "filters[0]", "wanted server_names or first_bytes: with neither nobody could come in")]
    [InlineData("""{"type":"name-gate","config":{"first_bytes":[""]} },""", "filters[0].config.first_bytes[0]", "wanted a text of 1 to 255 bytes")]
    public async Task What_is_wrong_is_an_error_with_its_path(string filter, string path, string message)
    {
        var extensions = new ConnectionExtensions();
        _ = ExtensionAssembly.Load(typeof(GateFilter).Assembly.Location, new StreamFilterRegistry(), new CertificateProviderRegistry(), kinds: [ExtensionKind.NetworkFilters(extensions.NetworkFilters)]);
        await using var lab = new TcpLab();
        var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => lab.StartAsync(
            $$""" "filter_chains":[{"filters":[{{filter}}{{Tcp}}]}] """, TcpLab.Cluster("up", "127.0.0.1:1"), extensions: extensions))).Problems);
        Assert.Equal("servers[0].listeners[0].filter_chains[0]." + path, problem.JsonPath);
        Assert.Equal(message, problem.Message);
    }

    [Fact]
    public async Task A_chain_has_to_end_in_what_takes_connections()
    {
        var extensions = new ConnectionExtensions();
        extensions.NetworkFilters.Add("f0", _ => new NetworkScript().Create);
        await using var lab = new TcpLab();
        var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => lab.StartAsync(""" "filter_chains":[{"filters":[{"type":"f0"}]}] """, "", extensions: extensions))).Problems);
        Assert.Equal("'f0' sees connections and takes none: put a filter behind it that does, such as proxy or tcp_proxy", problem.Message);
    }

    private static Task<int> StartAsync(TcpLab lab, string end, RawUpstream upstream, params NetworkScript[] scripts) => StartAsync(lab, end, upstream, "", scripts);

    private static Task<int> StartAsync(TcpLab lab, string end, RawUpstream upstream, string more, params NetworkScript[] scripts) => StartAsync(lab, end, upstream, more, scripts, "");

    private static Task<int> StartAsync(TcpLab lab, string end, RawUpstream upstream, string more, NetworkScript[] scripts, string chain)
    {
        var extensions = new ConnectionExtensions();
        for (int i = 0; i < scripts.Length; i++)
        {
            var script = scripts[i];
            extensions.NetworkFilters.Add($"f{i}", _ => script.Create);
        }

        string filters = string.Concat(scripts.Select((_, i) => $$"""{"type":"f{{i}}"},"""));
        return lab.StartAsync($$""" "filter_chains":[{ {{chain}}"filters":[{{filters}}{{end}}]}]{{more}} """, TcpLab.Cluster("up", upstream.Address), end == Http ? Router : "", extensions: extensions);
    }

    private static ValueTask<NetworkAction> Replaced(NetworkData data, Func<string, string> change)
    {
        data.Replace(Encoding.Latin1.GetBytes(change(Text(data))));
        return new(NetworkAction.Continue);
    }

    private static string Text(NetworkData data) => Encoding.Latin1.GetString(data.Span);

    private static RawUpstream Echo() => new(async (connection, _) =>
    {
        while (await connection.ReadAsync() is { Length: > 0 } text)
        {
            await connection.SendAsync(text);
        }
    });
}
