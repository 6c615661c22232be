using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Outrider.Assemblies;
using Outrider.Configuration;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Server;
using Outrider.Tests.Grpc;
using Outrider.Tests.Harness;
using Outrider.Tests.Plugins;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Upstream;

/// <summary>Health checks as a client, a host and an operator see them.</summary>
public sealed class HealthCheckTests
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    private const string Quick = "\"interval\":\"20ms\",\"initial_delay_seconds\":\"10ms\",\"timeout\":\"20s\",\"service_name\":\"s\"";

    [Theory]
    [InlineData("503")]
    [InlineData("hang")]
    [InlineData("garbage")]
    [InlineData("close")]
    public async Task A_host_that_fails_its_checks_gets_no_requests_until_it_passes_them_again(string how)
    {
        using var good = RawUpstream.Answering(Response("good"));
        int sick = 0;
        using var other = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 } request)
            {
                bool isCheck = request.StartsWith("GET /check", StringComparison.Ordinal);
                if (!isCheck || Volatile.Read(ref sick) == 0)
                {
                    await connection.SendAsync(Response("other"));
                    continue;
                }

                switch (how)
                {
                    case "503":
                        await connection.SendAsync("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n");
                        continue;
                    case "garbage":
                        await connection.SendAsync("what?\r\n\r\n");
                        return;
                    case "hang":
                        await connection.ReadAsync();
                        return;
                    default:
                        return;
                }
            }
        });
        await using var proxy = await TestProxy.StartAsync([good.Address, other.Address], loops: 2, cluster: Check("Http1", """{"http_check_config":{"path":"/check"}}""", how == "hang" ? ",\"unhealthy_threshold\":2,\"healthy_threshold\":2" : "")
            .Replace("\"timeout\":\"20s\"", how == "hang" ? "\"timeout\":\"2s\"" : "\"timeout\":\"20s\"", StringComparison.Ordinal));
        Assert.Equal("goodother", await BothAsync(proxy));

        Volatile.Write(ref sick, 1);
        await Eventually.HoldsAsync(() => proxy.Log.Contains($"cluster up: host {other.Address} is unhealthy: ", StringComparison.Ordinal));
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("good", BodyOf(await proxy.SendAsync(Get)));
        }

        Volatile.Write(ref sick, 0);
        await Eventually.HoldsAsync(() => proxy.Log.Contains($"cluster up: host {other.Address} is healthy: ", StringComparison.Ordinal));
        Assert.Equal("goodother", await BothAsync(proxy));
        Assert.All(proxy.Server.Clusters.Find("up")!.Hosts.Hosts.ToArray(), host => Assert.Equal("its health checks pass", host.Health.Status.Reason));
    }

    [Fact]
    public async Task A_check_is_the_request_that_the_configuration_describes_and_other_statuses_can_be_expected()
    {
        using var host = RawUpstream.Answering("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await TestProxy.StartAsync(
            ["127.0.0.1:1"],
            cluster: Check("Http1", $$"""{"http_check_config":{"port":{{host.Port}},"path":"/live?x=1","method":"HEAD","domain":"health.example","codes":[{"start":200,"end":299},{"start":404,"end":404}]} }"""));

        await Eventually.HoldsAsync(() => proxy.Server.Clusters.Find("up")!.Checks!.Stats.Successes > 3);
        Assert.StartsWith("HEAD /live?x=1 HTTP/1.1\r\n", host.Received, StringComparison.Ordinal);
        Assert.Contains("host: health.example\r\n", host.Received.ToLowerInvariant(), StringComparison.Ordinal);
        Assert.True(proxy.Server.Clusters.Find("up")!.Hosts[0].IsHealthy);
        Assert.Equal(1, host.Connections);
    }

    [Theory]
    [InlineData("TCP")]
    [InlineData("Http1")]
    [InlineData("bolt")]
    public async Task Without_a_request_it_is_enough_to_take_connections(string protocol)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var proxy = await TestProxy.StartAsync([$"127.0.0.1:{port}"], cluster: Check(protocol, "{}"));
        var cluster = proxy.Server.Clusters.Find("up")!;
        await Eventually.HoldsAsync(() => cluster.Checks!.Stats.Successes > 2);
        Assert.True(cluster.Hosts[0].IsHealthy);

        listener.Stop();
        await Eventually.HoldsAsync(() => !cluster.Hosts[0].IsHealthy);
        Assert.Equal(503, StatusOf(await proxy.SendAsync(Get)));
        await Eventually.HoldsAsync(() => proxy.Log.Contains("is unhealthy: 1 health check has failed: Connection re", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("200", true)]
    [InlineData("204", false)]
    public async Task A_host_that_speaks_HTTP2_is_checked_in_it(string status, bool isHealthy)
    {
        await using var host = await TestProxy.StartAsync([], protocol: "Http2", route: $$"""[{"match":{"path":"/check"},"direct_response":{"status":{{status}}} }]""");
        await using var proxy = await TestProxy.StartAsync([$"127.0.0.1:{host.Port}"], cluster: Check("Http2", """{"http_check_config":{"path":"/check"}}"""));
        var cluster = proxy.Server.Clusters.Find("up")!;
        await Eventually.HoldsAsync(() => (isHealthy ? cluster.Checks!.Stats.Successes : cluster.Checks!.Stats.Failures) > 2);
        Assert.Equal(isHealthy, cluster.Hosts[0].IsHealthy);
        Assert.Equal(1, host.Stats.ConnectionsAccepted);
    }

    [FactWithDebian(GrpcPeer.Python, GrpcPeer.Library)]
    public async Task GRPCs_own_server_is_asked_for_the_health_of_a_service()
    {
        using var peer = await GrpcPeer.StartAsync();
        foreach (var (service, isHealthy, reason) in ((string, bool, string)[])[
            ("", true, ""), ("good", true, ""), ("bad", false, "its health service says NOT_SERVING"), ("unknown", false, "its health service ended with the gRPC status 5")])
        {
            await using var proxy = await TestProxy.StartAsync([peer.Address], cluster: Check("gRPC", $$"""{"grpc_check_config":{"service_name":"{{service}}"} }"""));
            var cluster = proxy.Server.Clusters.Find("up")!;
            await Eventually.HoldsAsync(() => cluster.Checks!.Stats.Successes + cluster.Checks.Stats.Failures > 2);
            Assert.Equal(isHealthy, cluster.Hosts[0].IsHealthy);
            Assert.Contains(reason, isHealthy ? reason : proxy.Log, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("00000000020801", 1)]
    [InlineData("00000000020802", 2)]
    [InlineData("0000000000", 0)]
    [InlineData("01000000020801", 0)]
    [InlineData("00000000030801", 0)]
    [InlineData("000000", 0)]
    [InlineData("", 0)]
    public void What_a_health_service_says_is_read_and_nothing_else(string hex, int status)
        => Assert.Equal((ulong)status, Outrider.Upstream.Checks.GrpcHealthChecker.ServingStatus(Convert.FromHexString(hex)));

    [Fact]
    public async Task Thresholds_are_of_checks_in_a_row()
    {
        var results = new BlockingCollection<bool>();
        foreach (bool result in (bool[])[false, false, true, false, false, false, true, false, true, true])
        {
            results.Add(result);
        }

        var extensions = new ConnectionExtensions();
        extensions.HealthChecks.AddChecker("script", _ => new Checker(_ => results.TryTake(out bool result) ? result ? HealthCheckResult.Healthy : HealthCheckResult.Unhealthy("no") : HealthCheckResult.Healthy));
        var events = new Recorder();
        extensions.HealthChecks.AddCallback("record", () => events);
        await using var proxy = await TestProxy.StartAsync(
            ["127.0.0.1:1"], extensions: extensions, cluster: Check("script", "{}", ",\"unhealthy_threshold\":3,\"healthy_threshold\":2,\"common_callbacks\":[\"record\"]"));
        await Eventually.HoldsAsync(() => events.All.Count >= 10);

        Assert.Equal("- - + - - -! + - + +!", string.Join(' ', events.All.Take(10).Select(e => (e.Result.IsHealthy ? "+" : "-") + (e.IsChanged ? "!" : ""))));
        Assert.Equal([true, true, true, true, true, false, false, false, false, true], events.All.Take(10).Select(e => e.IsHealthy));
    }

    [Fact]
    public async Task Checks_are_made_once_for_the_process_and_hosts_come_and_go()
    {
        var seen = new ConcurrentDictionary<string, int>();
        var extensions = new ConnectionExtensions();
        extensions.HealthChecks.AddChecker("count", _ => new Checker(host =>
        {
            seen.AddOrUpdate(host.Address, 1, (_, count) => count + 1);
            return host.Address == "127.0.0.1:2" ? HealthCheckResult.Unhealthy("two") : HealthCheckResult.Healthy;
        }));
        string Json(params string[] hosts) => $$"""
            {"servers":[{"default_log_path":"/dev/null","processor":3,"routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"} }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","health_check":{"protocol":"count","initial_delay_seconds":"1ms","interval":"1h"},"hosts":[{{string.Join(",", hosts.Select(host => $"{{\"address\":\"127.0.0.1:{host}\"}}"))}}]}]} }
            """;
        await using var proxy = await TestProxy.StartJsonAsync(Json("1", "2"), extensions: extensions);
        await Eventually.HoldsAsync(() => seen.Count == 2 && !proxy.Server.Clusters.Find("up")!.Hosts[1].IsHealthy);

        await proxy.Server.ReloadAsync(ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(Json("2", "3")), "test.json").Configuration);
        await Eventually.HoldsAsync(() => seen.ContainsKey("127.0.0.1:3"));

        // What stays is not checked anew, and stays as it is.
        Assert.All(seen.Values, count => Assert.Equal(1, count));
        Assert.Equal([false, true], proxy.Server.Clusters.Find("up")!.Hosts.Hosts.ToArray().Select(host => host.IsHealthy));
    }

    [Fact]
    public async Task An_unhealthy_hosts_connections_close()
    {
        int sick = 0;
        var closed = new TaskCompletionSource();
        using var host = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                await connection.SendAsync(Response("ok"));
            }

            closed.TrySetResult();
        });
        var extensions = new ConnectionExtensions();
        extensions.HealthChecks.AddChecker("sick", _ => new Checker(_ => Volatile.Read(ref sick) == 0 ? HealthCheckResult.Healthy : HealthCheckResult.Unhealthy("sick")));
        await using var proxy = await TestProxy.StartAsync([host.Address], extensions: extensions, cluster: Check("sick", "{}"));
        Assert.Equal("ok", BodyOf(await proxy.SendAsync(Get)));
        Assert.False(closed.Task.IsCompleted);

        Volatile.Write(ref sick, 1);
        await closed.Task.SoonAsync();
    }

    [Fact]
    public async Task Every_check_is_a_line_in_the_event_log_as_MOSN_writes_it()
    {
        string path = Path.Combine(Path.GetTempPath(), $"outrider-hc-{Guid.NewGuid():n}.log");
        await using (var proxy = await TestProxy.StartAsync(["127.0.0.1:1"], cluster: Check("TCP", "{}", $",\"event_log_path\":\"{path}\"")))
        {
            await Eventually.HoldsAsync(() => proxy.Server.Clusters.Find("up")!.Checks!.Stats.Failures > 2);
        }

        string[] lines = await File.ReadAllLinesAsync(path);
        File.Delete(path);
        Assert.Matches("^time:[0-9]{10},host:127.0.0.1:1,health_status:0,current_result:0,status_changed:1$", lines[0]);
        Assert.EndsWith(",status_changed:0", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extensions_of_a_dll_register_themselves()
    {
        var extensions = new ConnectionExtensions();
        var names = ExtensionAssembly.Load(
            typeof(Outrider.Samples.HealthChecker.FileHealthChecker).Assembly.Location, new StreamFilterRegistry(), new CertificateProviderRegistry(),
            kinds: [ExtensionKind.HealthCheckers(extensions.HealthChecks), ExtensionKind.HealthCheckCallbacks(extensions.HealthChecks)]);
        Assert.Equal(["drain-file", "health-journal"], names.Order());
        string folder = Directory.CreateTempSubdirectory("outrider-test-").FullName;
        await using var proxy = await TestProxy.StartAsync(
            ["127.0.0.1:1"], extensions: extensions, cluster: Check("drain-file", $$"""{"folder":"{{folder}}"}""", ",\"common_callbacks\":[\"health-journal\"]"));
        var host = proxy.Server.Clusters.Find("up")!.Hosts[0];
        await Eventually.HoldsAsync(() => proxy.Server.Clusters.Find("up")!.Checks!.Stats.Successes > 1);
        Assert.True(host.IsHealthy);
        await File.WriteAllTextAsync(Path.Combine(folder, "127.0.0.1:1"), "");
        await Eventually.HoldsAsync(() => !host.IsHealthy);
        Directory.Delete(folder, recursive: true);
        await Eventually.HoldsAsync(() => host.IsHealthy);
    }

    [Theory]
    [InlineData("""{"protocol":"nobody"}""", "protocol", "there is no health checker 'nobody'; there are: TCP, Http1, Http2, gRPC")]
    [InlineData("""{"protocol":"TCP","common_callbacks":["x"]}""", "common_callbacks[0]", "there is no health check call-back 'x'")]
    [InlineData("""{"protocol":"TCP","timeout":5}""", "timeout", "a duration")]
    [InlineData("""{"protocol":"TCP","healthy_threshold":-1}""", "healthy_threshold", "a whole number of 1 or more")]
    [InlineData("""{"protocol":"Http1","check_config":{"http_check_config":{"path":"x"}}}""", "check_config.http_check_config.path", "a path that begins with /")]
    [InlineData("""{"protocol":"Http1","check_config":{"http_check_config":{"port":65536}}}""", "check_config.http_check_config.port", "from 0 to 65535")]
    [InlineData("""{"protocol":"Http1","check_config":{"http_check_config":{"codes":[{"start":300,"end":200}]}}}""", "check_config.http_check_config.codes[0].end", "is less than start")]
    [InlineData("""{"protocol":"Http1","check_config":{"http_check_config":{"scheme":"ftp"}}}""", "check_config.http_check_config.scheme", "one of http, https")]
    [InlineData("""{"protocol":"gRPC","check_config":{"grpc_check_config":{"service_name":1}}}""", "check_config.grpc_check_config.service_name", "a string")]
    public async Task What_is_wrong_is_an_error_with_its_path_when_checked_and_when_started(string check, string path, string message)
    {
        string json = $$"""{"servers":[{"default_log_path":"stderr","default_log_level":"FATAL","listeners":[]}],"cluster_manager":{"clusters":[{"name":"up","health_check":{{check}},"hosts":[{"address":"127.0.0.1:1"}]}]} }""";
        var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(async () =>
        {
            var configuration = ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;
            await ProxyServer.CheckAsync(configuration, new StreamFilterRegistry());
        })).Problems);
        Assert.Equal("cluster_manager.clusters[0].health_check." + path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_Go_writes_for_none_is_none()
    {
        var configuration = ConfigurationLoader.Parse("""{"servers":[{"listeners":[]}],"cluster_manager":{"clusters":[{"name":"up","health_check":{"timeout":"0s","interval":"0s","interval_jitter":"0s"},"hosts":[]}]}}"""u8.ToArray(), "test.json");
        Assert.Null(configuration.Configuration.Clusters[0].HealthCheck);
    }

    private static string Check(string protocol, string config, string more = "")
        => $$""","health_check":{"protocol":"{{protocol}}",{{Quick}}{{more}},"check_config":{{config}} }""";

    private static async Task<string> BothAsync(TestProxy proxy)
    {
        string[] answers = [BodyOf(await proxy.SendAsync(Get)), BodyOf(await proxy.SendAsync(Get))];
        return string.Concat(answers.Order(StringComparer.Ordinal));
    }

    private sealed class Checker(Func<CheckedHost, HealthCheckResult> check) : IHealthChecker
    {
        public ValueTask<HealthCheckResult> CheckAsync(CheckedHost host, CancellationToken cancellation) => new(check(host));
    }

    private sealed class Recorder : IHealthCheckCallback
    {
        public ConcurrentQueue<HealthCheckEvent> All { get; } = [];

        public void OnChecked(HealthCheckEvent check) => All.Enqueue(check);
    }
}
