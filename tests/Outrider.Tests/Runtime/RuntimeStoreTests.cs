using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Tests.Harness;
using static Outrider.Filters.ConfigurationResourceKind;

namespace Outrider.Tests.Runtime;

/// <summary>Changes of single resources while the proxy runs.</summary>
public sealed class RuntimeStoreTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    private const string ToUp = """{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}""";
    private const string ToOther = """{"match":{"prefix":"/"},"route":{"cluster_name":"other"}}""";

    [Fact]
    public async Task A_cluster_gets_other_hosts_and_nothing_else_changes()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        using var b = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb");
        using var c = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nc");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, c.Address));
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "l"));
        using var another = await RawClient.ConnectAsync(PortOf(proxy, "m"));
        Assert.Equal("a", await AskAsync(client));
        Assert.Equal("c", await AskAsync(another));
        var before = (proxy.Server.Clusters.Find("up"), proxy.Server.Clusters.Find("other"), proxy.Server.Store.Routers["r"].Table, proxy.Server.Store.Routers["s"].Table);
        var snapshots = proxy.Server.Listeners.ToDictionary(listener => listener, listener => listener.Snapshot);

        await TakeAsync(proxy, new ConfigurationResource(Hosts, "up", Bytes($$"""[{"address":"{{b.Address}}"}]""")));

        Assert.Equal("b", await AskAsync(client));
        Assert.Equal("c", await AskAsync(another));
        Assert.Equal((1, 1, 1), (a.Connections, b.Connections, c.Connections));
        Assert.Equal(before, (proxy.Server.Clusters.Find("up"), proxy.Server.Clusters.Find("other"), proxy.Server.Store.Routers["r"].Table, proxy.Server.Store.Routers["s"].Table));
        Assert.All(proxy.Server.Listeners, listener => Assert.Same(snapshots[listener], listener.Snapshot));
        // The host that is gone keeps no connection; those that stay keep theirs.
        await Eventually.HoldsAsync(() => proxy.Stats.UpstreamConnectionsActive == 2);
    }

    [Fact]
    public async Task A_router_gets_another_table_and_nothing_else_changes()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        using var c = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nc");
        var factory = new CountingFactory();
        var registry = new StreamFilterRegistry();
        int made = 0;
        registry.Add("counting", _ =>
        {
            made++;
            return factory;
        });
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, c.Address, "\"stream_filters\":[{\"type\":\"counting\"}],"), registry);
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "l"));
        using var another = await RawClient.ConnectAsync(PortOf(proxy, "m"));
        Assert.Equal("a", await AskAsync(client));
        Assert.Equal("c", await AskAsync(another));
        var before = (proxy.Server.Clusters.Find("up"), proxy.Server.Clusters.Find("other"), proxy.Server.Store.Routers["s"].Table);
        var untouched = proxy.Server.Listeners.Single(listener => listener.Snapshot.Configuration.Name == "m").Snapshot;
        int madeBefore = made;

        await TakeAsync(proxy, new ConfigurationResource(Router, "r", Bytes(RouterJson("r", ToOther))));

        Assert.Equal("c", await AskAsync(client));
        Assert.Equal("c", await AskAsync(another));
        // Neither the clients' connections nor the pools begin anew, nor do the listener's filters.
        Assert.Equal((1, 1), (a.Connections, c.Connections));
        Assert.Equal(2, proxy.Stats.ConnectionsAccepted);
        Assert.Equal(madeBefore, made);
        Assert.False(factory.IsDisposed);
        Assert.Equal(before, (proxy.Server.Clusters.Find("up"), proxy.Server.Clusters.Find("other"), proxy.Server.Store.Routers["s"].Table));
        Assert.Same(untouched, proxy.Server.Listeners.Single(listener => listener.Snapshot.Configuration.Name == "m").Snapshot);
    }

    [Fact]
    public async Task Under_load_on_two_loops_hosts_and_routes_change_and_no_request_fails()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var b = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        using var c = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, c.Address, loops: 2));
        int l = PortOf(proxy, "l"), m = PortOf(proxy, "m");
        bool done = false;
        int served = 0;
        var clients = Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            using var client = await RawClient.ConnectAsync(i == 5 ? m : l);
            var answers = new WireReader(client.Socket);
            while (!Volatile.Read(ref done))
            {
                await client.SendAsync(Get);
                var (head, body) = await answers.ReadMessageAsync();
                Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
                Assert.Equal("ok", body);
                _ = Interlocked.Increment(ref served);
            }
        })).ToList();

        for (int i = 0; i < 30; i++)
        {
            int before = Volatile.Read(ref served);
            string hosts = string.Join(",", ((string[][])[[b.Address], [a.Address, b.Address], [a.Address]])[i % 3].Select(address => $$"""{"address":"{{address}}"}"""));
            await TakeAsync(proxy, new ConfigurationResource(Hosts, "up", Bytes($"[{hosts}]")));
            await TakeAsync(proxy, new ConfigurationResource(Router, "r", Bytes(RouterJson("r", i % 4 == 3 ? ToOther : ToUp))));
            await Eventually.HoldsAsync(() => Volatile.Read(ref served) > before + 20 || clients.Exists(client => client.IsCompleted));
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(clients).SoonAsync();
        Assert.True(a.Connections > 0 && b.Connections > 0);
        Assert.Equal(6, proxy.Stats.ConnectionsAccepted);
        Assert.Equal(0, proxy.Stats.Resets);
    }

    [Fact]
    public async Task What_is_refused_leaves_the_old_one_and_the_others_of_the_set_are_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        using var b = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, a.Address));
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "l"));

        var results = await proxy.Server.Store.ApplyAsync("test",
        [
            new(Cluster, "up", Bytes("""{"lb_type":"LB_NOBODY_KNOWS","hosts":[{"address":"127.0.0.1:1"}]}""")),
            new(Cluster, "third", Bytes($$"""{"hosts":[{"address":"{{b.Address}}"}]}""")),
            new(Cluster, "fourth", Bytes("""{"hosts":[{"address":"nonsense"}]}""")),
            new(Router, "s", Bytes(RouterJson("s", """{"match":{"prefix":"/"},"route":{"cluster_name":"fourth"}}"""))),
            new(Router, "r", Bytes(RouterJson("r", """{"match":{"prefix":"/"},"route":{"cluster_name":"third"}}"""))),
            new(Listener, "taken", Bytes(ListenerJson("taken", taken.LocalEndpoint.ToString()!, "r"))),
            new(Listener, "new", Bytes(ListenerJson("new", "127.0.0.1:0", "r"))),
            new(Hosts, "nobody", Bytes("[]")),
        ]);

        Assert.Equal([false, true, false, false, true, false, true, false], results.Select(result => result.IsAccepted));
        Assert.Contains("lb_type: there is no load balancer 'LB_NOBODY_KNOWS'; there are: ", Assert.Single(results[0].Problems), StringComparison.Ordinal);
        Assert.Contains("hosts[0].address: found the string \"nonsense\"", results[2].Problems[0], StringComparison.Ordinal);
        Assert.Equal("there is no cluster 'fourth'", Assert.Single(results[3].Problems));
        Assert.Contains("cannot listen on", Assert.Single(results[5].Problems), StringComparison.Ordinal);
        Assert.Equal("there is no cluster 'nobody'", Assert.Single(results[7].Problems));
        Assert.Equal("b", await AskAsync(client));
        using var onNew = await RawClient.ConnectAsync(PortOf(proxy, "new"));
        Assert.Equal("b", await AskAsync(onNew));
        using var onM = await RawClient.ConnectAsync(PortOf(proxy, "m"));
        Assert.Equal("a", await AskAsync(onM));
    }

    [Fact]
    public async Task What_others_use_is_not_removed_and_what_nobody_uses_goes_in_one_set_whatever_the_order()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, a.Address));
        await TakeAsync(proxy,
            new(Cluster, "third", Bytes($$"""{"hosts":[{"address":"{{a.Address}}"}]}""")),
            new(Router, "t", Bytes(RouterJson("t", """{"match":{"prefix":"/"},"route":{"cluster_name":"third"}}"""))),
            new(Listener, "new", Bytes(ListenerJson("new", "127.0.0.1:0", "t"))));
        int port = PortOf(proxy, "new");
        using var client = await RawClient.ConnectAsync(port);
        Assert.Equal("a", await AskAsync(client));

        var refused = await proxy.Server.Store.ApplyAsync("test", [new(Cluster, "third", default), new(Router, "t", default), new(Router, "r", default), new(Router, "nobody", default)]);

        Assert.Equal("router 't' uses it", Assert.Single(refused[0].Problems));
        Assert.Equal("listener 'new' uses it", Assert.Single(refused[1].Problems));
        Assert.Equal("router 'r' is as the file has it: nothing can be taken back", Assert.Single(refused[2].Problems));
        Assert.Equal("there is no router 'nobody'", Assert.Single(refused[3].Problems));

        await TakeAsync(proxy, new ConfigurationResource(Cluster, "third", default), new(Router, "t", default), new(Listener, "new", default));

        Assert.Equal("", await client.ReadToEndAsync());
        await Assert.ThrowsAsync<SocketException>(() => RawClient.ConnectAsync(port));
        Assert.Null(proxy.Server.Clusters.Find("third"));
        Assert.DoesNotContain("t", proxy.Server.Store.Routers.Keys);
    }

    [Fact]
    public async Task A_listener_moves_to_another_address_and_its_connections_end_in_order()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, a.Address));
        int before = PortOf(proxy, "l"), next = FreePorts.Next();
        using var client = await RawClient.ConnectAsync(before);
        Assert.Equal("a", await AskAsync(client));

        await TakeAsync(proxy, new ConfigurationResource(Listener, "l", Bytes(ListenerJson("l", $"127.0.0.1:{next}", "s"))));

        Assert.Equal(next, PortOf(proxy, "l"));
        Assert.Equal("", await client.ReadToEndAsync());
        using var moved = await RawClient.ConnectAsync(next);
        Assert.Equal("a", await AskAsync(moved));
        Assert.Equal(2, proxy.Server.Listeners.Count);
    }

    [Fact]
    public async Task A_stream_keeps_the_route_that_it_has_taken_and_may_retry_with_a_newer_host()
    {
        var go = new TaskCompletionSource();
        using var breaking = new RawUpstream(async (connection, number) =>
        {
            _ = await connection.ReadRequestAsync();
            await go.Task;
            connection.Reset();
        });
        using var newer = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nnewer");
        string retrying = """{"match":{"prefix":"/"},"route":{"cluster_name":"up","retry_policy":{"retry_on":true,"num_retries":2}}}""";
        await using var proxy = await TestProxy.StartJsonAsync(Json(breaking.Address, breaking.Address).Replace(ToUp, retrying, StringComparison.Ordinal));
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "l"));
        await client.SendAsync(Get);
        await Eventually.HoldsAsync(() => breaking.Received.Length > 0);

        await TakeAsync(proxy,
            new ConfigurationResource(Hosts, "up", Bytes($$"""[{"address":"{{newer.Address}}"}]""")),
            new ConfigurationResource(Router, "r", Bytes(RouterJson("r", """{"match":{"prefix":"/"},"direct_response":{"status":418}}"""))));
        go.SetResult();

        Assert.Equal("newer", (await new WireReader(client.Socket).ReadMessageAsync()).Body);
        await client.SendAsync(Get);
        Assert.StartsWith("HTTP/1.1 418", await client.ReadResponseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hosts_stay_over_a_reload_until_the_files_own_list_changes()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        using var b = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb");
        using var c = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nc");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, a.Address));
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "l"));
        await TakeAsync(proxy, new ConfigurationResource(Hosts, "up", Bytes($$"""[{"address":"{{b.Address}}"}]""")));
        Assert.Equal("b", await AskAsync(client));

        // Another limit of the same cluster is no other list of hosts.
        await proxy.Server.ReloadAsync(Parse(Json(a.Address, a.Address).Replace("\"name\":\"up\"", "\"name\":\"up\",\"max_connections\":7", StringComparison.Ordinal)));
        Assert.Equal("b", await AskAsync(client));
        Assert.Equal(7, proxy.Server.Clusters.Find("up")!.Configuration.MaxConnections);

        await proxy.Server.ReloadAsync(Parse(Json(c.Address, a.Address)));
        Assert.Equal("c", await AskAsync(client));
        await proxy.Server.ReloadAsync(Parse(Json(a.Address, a.Address)));
        Assert.Equal("a", await AskAsync(client));
    }

    [Fact]
    public async Task A_router_of_another_source_stays_over_a_reload_until_the_file_says_something_else_of_it_or_it_is_taken_back()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, a.Address));
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "l"));
        const string Tea = """{"match":{"prefix":"/"},"direct_response":{"status":418,"body":"tea"}}""";
        await TakeAsync(proxy, new ConfigurationResource(Router, "r", Bytes(RouterJson("r", Tea))));
        Assert.Equal("tea", await AskAsync(client));

        await proxy.Server.ReloadAsync(Parse(Json(a.Address, a.Address, "\"max_connections\":100,")));
        Assert.Equal("tea", await AskAsync(client));
        await TakeAsync(proxy, new ConfigurationResource(Router, "r", default));
        Assert.Equal("a", await AskAsync(client));

        await TakeAsync(proxy, new ConfigurationResource(Router, "r", Bytes(RouterJson("r", Tea))));
        await proxy.Server.ReloadAsync(Parse(Json(a.Address, a.Address).Replace(ToUp, Tea.Replace("tea", "pot", StringComparison.Ordinal), StringComparison.Ordinal)));
        Assert.Equal("pot", await AskAsync(client));
    }

    [Fact]
    public async Task A_reload_that_changes_one_router_leaves_the_table_of_the_other()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, a.Address));
        var r = proxy.Server.Store.Routers["r"].Table;
        var s = proxy.Server.Store.Routers["s"].Table;

        await proxy.Server.ReloadAsync(Parse("\n\n" + Json(a.Address, a.Address).Replace(ToUp, """{"match":{"prefix":"/x"},"route":{"cluster_name":"up"}}""", StringComparison.Ordinal)));

        Assert.NotSame(r, proxy.Server.Store.Routers["r"].Table);
        Assert.Same(s, proxy.Server.Store.Routers["s"].Table);
    }

    [Fact]
    public async Task A_reload_is_refused_that_takes_what_another_sources_resource_needs()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, a.Address));
        await TakeAsync(proxy, new ConfigurationResource(Router, "t", Bytes(RouterJson("t", ToOther))));
        string without = Json(a.Address, a.Address).Replace("\"other\"", "\"another\"", StringComparison.Ordinal);

        var e = await Assert.ThrowsAsync<Outrider.Configuration.Problems.ConfigurationException>(() => proxy.Server.ReloadAsync(Parse(without)));

        Assert.EndsWith("there is no cluster 'other', which router 't' needs as the configuration source 'test' has it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_of_records_needs_no_JSON()
    {
        using var a = RawUpstream.Answering("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na");
        await using var proxy = await TestProxy.StartJsonAsync(Json(a.Address, a.Address));
        var route = new RouteConfiguration { Match = proxy.Server.Configuration.Server.Routers[0].VirtualHosts[0].Routes[0].Match, Action = new RouteActionConfiguration { ClusterName = "third" } };
        var host = new VirtualHostConfiguration { Name = "all", Domains = proxy.Server.Configuration.Server.Routers[0].VirtualHosts[0].Domains, Routes = [route] };
        var cluster = new ClusterConfiguration { Name = "third", Hosts = [new HostConfiguration { Address = a.Address, EndPoint = IPEndPoint.Parse(a.Address) }] };
        var chain = new FilterChainConfiguration { Name = "one", Handler = "proxy", Proxy = new ProxyFilterConfiguration { RouterConfigName = "t" } };
        var listener = new ListenerConfiguration { Name = "n", Address = "127.0.0.1:0", EndPoint = new IPEndPoint(IPAddress.Loopback, 0), BindPort = true, Chains = [chain] };

        var results = await proxy.Server.Store.ApplyRecordsAsync("plane",
        [
            new(new(Cluster, "third")) { Value = cluster },
            new(new(Router, "t")) { Value = new RouterConfiguration { Name = "t", VirtualHosts = [host] } },
            new(new(Listener, "n")) { Value = listener },
            new(new(Cluster, "bad")) { Value = cluster with { Name = "bad", LoadBalancer = new BalancerConfiguration { Name = "LB_NOBODY_KNOWS" } } },
            new(new(Listener, "bad")) { Value = listener with { Name = "bad", Chains = [chain with { Handler = "nobody", Proxy = null }] } },
        ]);

        Assert.Equal([true, true, true, false, false], results.Select(result => result.IsAccepted));
        Assert.StartsWith("configuration: lb_type: there is no load balancer 'LB_NOBODY_KNOWS'", Assert.Single(results[3].Problems), StringComparison.Ordinal);
        Assert.StartsWith("configuration: type: there is no network filter 'nobody'", Assert.Single(results[4].Problems), StringComparison.Ordinal);
        using var client = await RawClient.ConnectAsync(PortOf(proxy, "n"));
        Assert.Equal("a", await AskAsync(client));
    }

    internal static int PortOf(TestProxy proxy, string name)
        => ((IPEndPoint)proxy.Server.Listeners.Single(l => l.Snapshot.Configuration.Name == name).EndPoint).Port;

    internal static string Json(string up, string other, string listener = "", int loops = 1, string more = "") => $$$"""
        {"servers":[{"overload_delay":"0s","default_log_path":"/dev/null","graceful_timeout":"5s","processor":{{{loops}}},
        "routers":[{{{RouterJson("r", ToUp)}}},{{{RouterJson("s", ToOther)}}}],
        "listeners":[{{{ListenerJson("l", "127.0.0.1:0", "r", listener)}}},{{{ListenerJson("m", "127.0.0.1:0", "s", listener)}}}]}],
        "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"{{{up}}}"}]},{"name":"other","hosts":[{"address":"{{{other}}}"}]}]}{{{more}}}}
        """;

    internal static string RouterJson(string name, string route) => $$"""{"router_config_name":"{{name}}","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{{route}}]}]}""";

    private static string ListenerJson(string name, string address, string router, string more = "")
        => $$$"""{"name":"{{{name}}}","address":"{{{address}}}","bind_port":true,{{{more}}}"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"{{{router}}}"}}]}]}""";

    internal static ProxyConfiguration Parse(string json) => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    internal static async Task<string> AskAsync(RawClient client)
    {
        await client.SendAsync(Get);
        string response = await client.ReadResponseAsync();
        return response[(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
    }

    private static async Task TakeAsync(TestProxy proxy, params ConfigurationResource[] resources)
        => Assert.Empty((await proxy.Server.Store.ApplyAsync("test", resources).SoonAsync()).SelectMany(result => result.Problems));

    private sealed class CountingFactory : IStreamFilterFactory, IDisposable
    {
        internal bool IsDisposed { get; private set; }

        public ReceiverPhase Phase => ReceiverPhase.BeforeRoute;

        public StreamFilterMethods Methods => StreamFilterMethods.DecodeHeaders;

        public StreamFilter CreateFilter() => new Passing();

        public void Dispose() => IsDisposed = true;

        private sealed class Passing : StreamFilter;
    }
}
