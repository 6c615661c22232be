using Outrider.Assemblies;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Server;
using Outrider.Samples.RendezvousBalancer;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Upstream;

/// <summary>Load balancers that extensions bring.</summary>
public sealed class BalancerExtensionTests : IDisposable
{
    private const string Rendezvous = ""","lb_type":"LB_RENDEZVOUS","lbconfig":{"seed":7}""";

    private readonly RawUpstream[] _hosts = [.. "abcd".Select(name => RawUpstream.Answering(Response(name.ToString())))];

    public void Dispose() => Array.ForEach(_hosts, host => host.Dispose());

    [Fact]
    public async Task A_sample_in_a_dll_is_loaded_and_picks_by_the_hash_of_the_route()
    {
        var extensions = new ConnectionExtensions();
        Assert.Equal(["LB_RENDEZVOUS"], ExtensionAssembly.Load(
            typeof(RendezvousBalancer).Assembly.Location, new StreamFilterRegistry(), new CertificateProviderRegistry(), kinds: [ExtensionKind.LoadBalancers(extensions.LoadBalancers)]));
        await using var proxy = await StartAsync(extensions, Rendezvous, """{"header":{"key":"x-user"}},{"cookie":{"name":"id"}}""");

        // Each user has one host, whoever else asks meanwhile, and users are spread.
        string[] users = [.. Enumerable.Range(0, 40).Select(i => $"user{i}")];
        string first = string.Concat(await Task.WhenAll(users.Select(user => AskAsync(proxy, $"x-user: {user}\r\n"))));
        string second = string.Concat(await Task.WhenAll(users.Reverse().Select(user => AskAsync(proxy, $"X-User: {user}\r\n"))));
        Assert.Equal(first, string.Concat(second.Reverse()));
        Assert.Equal("abcd", string.Concat(first.Distinct().Order()));

        // Where there is no header the cookie counts, and where there is nothing, anything.
        string cookie = await AskAsync(proxy, "cookie: x=1; id=7\r\n");
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(i => AskAsync(proxy, $"cookie: id=7; y={i}\r\n"))), answer => Assert.Equal(cookie, answer));
        Assert.True((await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => AskAsync(proxy, "")))).Distinct().Count() > 1);
    }

    [Fact]
    public async Task When_a_host_is_dead_only_its_own_requests_go_elsewhere()
    {
        var extensions = new ConnectionExtensions();
        extensions.LoadBalancers.Add("LB_RENDEZVOUS", _ => new RendezvousBalancer(new RendezvousConfig()));
        await using var proxy = await StartAsync(extensions, Rendezvous, """{"header":{"key":"x-user"}}""");
        string[] users = [.. Enumerable.Range(0, 40).Select(i => $"user{i}")];
        string before = string.Concat(await Task.WhenAll(users.Select(user => AskAsync(proxy, $"x-user: {user}\r\n"))));
        _hosts[1].Dispose();

        string after = string.Concat(await Task.WhenAll(users.Select(user => AskAsync(proxy, $"x-user: {user}\r\n"))));

        Assert.DoesNotContain('b', after);
        Assert.All(before.Zip(after), pair => Assert.True(pair.First == pair.Second || pair.First == 'b'));
    }

    [Fact]
    public async Task The_clients_address_can_be_the_hash()
    {
        var seen = new List<ulong?>();
        var extensions = Picking((hosts, ref context) =>
        {
            lock (seen)
            {
                seen.Add(context.Hash);
            }

            return 0;
        });
        await using var proxy = await StartAsync(extensions, ""","lb_type":"LB_TEST" """, """{"header":{"key":"x-user"}},{"source_ip":{}}""");
        _ = await AskAsync(proxy, "");
        _ = await AskAsync(proxy, "");
        _ = await AskAsync(proxy, "x-user: a\r\n");

        Assert.NotNull(seen[0]);
        Assert.Equal(seen[0], seen[1]);
        Assert.NotEqual(seen[0], seen[2]);
    }

    [Fact]
    public async Task It_sees_its_hosts_with_weights_and_metadata_and_what_was_tried()
    {
        var told = new List<string>();
        var extensions = Picking((hosts, ref context) =>
        {
            lock (told)
            {
                told.Add($"{hosts.Count} {hosts[1].Weight} {hosts[1].Metadata["zone"]} {hosts[1].ActiveRequestsOn(context.Loop)} {context.Tries} {context.WasTried(hosts[0])} {context.Metadata?[0].Value}");
            }

            return context.Tries == 0 ? 0 : 1;
        });
        string json = Json(""","lb_type":"LB_TEST","lb_subset_config":{"fall_back_policy":1,"subset_selectors":[["zone"]]}""", "", """,{"address":"HOST","weight":3,"metadata":{"filter_metadata":{"mosn.lb":{"zone":"west"} } } }""")
            .Replace("HOST", _hosts[0].Address, StringComparison.Ordinal)
            .Replace("\"cluster_name\":\"up\"", """ "cluster_name":"up","metadata_match":{"filter_metadata":{"mosn.lb":{"zone":"east"} } } """, StringComparison.Ordinal);
        await using var proxy = await TestProxy.StartJsonAsync(json, extensions: extensions);

        Assert.Equal("a", await AskAsync(proxy, ""));
        Assert.Equal(["2 3 west 0 0 False east", "2 3 west 0 1 True east"], told);
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("none")]
    [InlineData("outside")]
    public async Task One_that_fails_costs_its_request_and_nothing_else(string how)
    {
        int calls = 0;
        var extensions = Picking((hosts, ref context) => Interlocked.Increment(ref calls) > 1 ? 0
            : how == "throws" ? throw new InvalidOperationException("out of luck") : how == "none" ? -1 : hosts.Count);
        await using var proxy = await StartAsync(extensions, ""","lb_type":"LB_TEST" """, "");

        Assert.Equal("503", await AskAsync(proxy, ""));
        Assert.Equal("a", await AskAsync(proxy, ""));
        Assert.Equal(how == "throws", proxy.Log.Contains("cluster up: the load balancer LB_TEST failed, and the request got no host: InvalidOperationException: out of luck", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(""","lb_type":"LB_MAGLOV" """, "lb_type", "there is no load balancer 'LB_MAGLOV'; there are: LB_ROUNDROBIN, LB_RANDOM, LB_WEIGHTED_ROUNDROBIN, LB_LEAST_REQUEST, LB_LEAST_CONNECTION, LB_PEAK_EWMA, LB_MAGLEV, LB_REQUEST_ROUNDROBIN, LB_RENDEZVOUS, LB_TEST")]
    [InlineData(""","lb_type":"LB_RENDEZVOUS","lbconfig":{"seed":-1}""", "lbconfig.seed", "found -1, wanted 0 or more")]
    [InlineData(""","lb_type":"LB_RENDEZVOUS","lbconfig":{"sed":1}""", "lbconfig.sed", "sed")]
    public async Task What_is_wrong_is_an_error_with_its_path_when_checked_and_when_started(string cluster, string path, string message)
    {
        var extensions = Picking((hosts, ref context) => 0);
        _ = ExtensionAssembly.Load(typeof(RendezvousBalancer).Assembly.Location, new StreamFilterRegistry(), new CertificateProviderRegistry(), kinds: [ExtensionKind.LoadBalancers(extensions.LoadBalancers)]);
        var configuration = ConfigurationLoader.Parse(System.Text.Encoding.UTF8.GetBytes(Json(cluster, "")), "test.json").Configuration;

        var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => ProxyServer.CheckAsync(configuration, new StreamFilterRegistry(), extensions: extensions))).Problems);
        Assert.Equal("cluster_manager.clusters[0]." + path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Equal(problem, Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => ProxyServer.StartAsync(configuration, new StreamFilterRegistry(), "test", extensions: extensions))).Problems));
    }

    [Theory]
    [InlineData("""{"header":{}}""", "[0].header.key", "is missing and required")]
    [InlineData("""{"header":{"key":"a b"}}""", "[0].header.key", "wanted a header's name")]
    [InlineData("""{"cookie":{}}""", "[0].cookie.name", "is missing and required")]
    [InlineData("{}", "[0]", "wanted one of header, cookie, source_ip, path and query_parameter")]
    public void A_wrong_hash_policy_is_an_error_with_its_path(string policy, string path, string message)
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Parse(System.Text.Encoding.UTF8.GetBytes(Json("", policy)), "test.json")).Problems);
        Assert.Equal("servers[0].routers[0].virtual_hosts[0].routers[0].route.hash_policy" + path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private delegate int Picks(BalancedHosts hosts, ref PickContext context);

    private static ConnectionExtensions Picking(Picks picks)
    {
        var extensions = new ConnectionExtensions();
        extensions.LoadBalancers.Add("LB_TEST", _ => new Scripted(picks));
        return extensions;
    }

    private sealed class Scripted(Picks picks) : ILoadBalancer
    {
        public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new Picker(picks, hosts);

        private sealed class Picker(Picks picks, BalancedHosts hosts) : IHostPicker
        {
            public int Pick(ref PickContext context) => picks(hosts, ref context);
        }
    }

    private Task<TestProxy> StartAsync(ConnectionExtensions extensions, string cluster, string policy) => TestProxy.StartAsync(
        _hosts.Select(host => host.Address), cluster: cluster, extensions: extensions,
        route: $$"""[{"match":{"prefix":"/"},"route":{"cluster_name":"up","hash_policy":[{{policy}}] } }]""");

    private static string Json(string cluster, string policy, string more = "") => $$"""
        {"servers":[{"overload_delay":"0s","default_log_path":"stderr","default_log_level":"FATAL","processor":1,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up","hash_policy":[{{policy}}] } }]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,
          "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"} }]}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE"{{cluster}},"hosts":[{"address":"127.0.0.1:1"}{{more}}]}]} }
        """;

    private static async Task<string> AskAsync(TestProxy proxy, string fields)
    {
        string answer = await proxy.SendAsync($"GET / HTTP/1.1\r\nhost: x\r\n{fields}\r\n");
        return StatusOf(answer) == 200 ? BodyOf(answer) : answer.Substring(9, 3);
    }
}
