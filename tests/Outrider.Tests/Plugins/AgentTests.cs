using System.Globalization;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Plugins;
using Outrider.Plugins.Processes;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Plugins;

public sealed class AgentTests : IAsyncLifetime
{
    private readonly PluginFolder _folder = new PluginFolder().WithObedient();
    private readonly RawUpstream _upstream = Mirror();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Eventually.HoldsAsync(() => PluginFolder.ProcessesWith(_folder.Path).Count == 0);
        _upstream.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("status 0", 200, "")]
    [InlineData("status 1", 200, "")]
    [InlineData("status -1", 403, "")]
    [InlineData("status -77", 403, "")]
    [InlineData("answer 200", 200, "the plugin's answer")]
    [InlineData("answer 418", 418, "the plugin's answer")]
    [InlineData("answer 599", 599, "the plugin's answer")]
    [InlineData("status 2", 503, "")]
    [InlineData("status 101", 503, "")]
    [InlineData("status 600", 503, "")]
    [InlineData("throw", 503, "")]
    public async Task A_status_decides_what_becomes_of_the_request(string order, int status, string body)
    {
        await using var proxy = await StartAsync("");

        string response = await AskAsync(proxy, order);

        Assert.Equal(status, StatusOf(response));
        bool passed = order is "status 0" or "status 1";
        Assert.Equal(passed, _upstream.Received.Length > 0);
        if (!passed)
        {
            Assert.Equal(body, BodyOf(response));
            Assert.Equal(body.Length > 0, response.Contains("X-Answer: yes", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Headers_have_Gos_names_repeated_ones_are_joined_and_the_target_is_there_when_asked_for()
    {
        await using var proxy = await StartAsync(""", "send": ["headers", "target"], "type": "kind" """);

        string body = BodyOf(await proxy.SendAsync(
            "GET /a?b=c HTTP/1.1\r\nhost: example.test:80\r\nx-do: show\r\nuSER: admin\r\naccept: a\r\nX-b3-TRACEID: 1\r\nACCEPT: b\r\nx_odd: \u00e9\r\n\r\n"));

        // Those that the proxy adds on its own are not the matter here.
        string[] lines = [.. body.Split('\n').Where(line => !line.StartsWith("X-Forwarded-", StringComparison.Ordinal) && !line.StartsWith("X-Request-Id=", StringComparison.Ordinal))];
        Assert.Equal(
            [":authority=example.test:80", ":method=GET", ":path=/a?b=c", ":scheme=http", "Accept=a, b", "Host=example.test:80", "User=admin", "X-B3-Traceid=1", "X-Do=show", "X_odd=Ã©", "type=kind", "body=", ""],
            lines);
    }

    [Fact]
    public async Task Headers_of_the_answer_are_set_on_a_request_that_passes()
    {
        await using var proxy = await StartAsync("");

        string seen = BodyOf(await AskAsync(proxy, "set X-User=alice", "x-user: forged\r\nX-USER: twice\r\n"));

        Assert.Contains("X-User: alice\r\n", seen, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("forged", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("twice", seen, StringComparison.Ordinal);
        Assert.Contains("host: other.test\r\n", BodyOf(await AskAsync(proxy, "set Host=other.test")), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(200, StatusOf(await AskAsync(proxy, "set Transfer-Encoding=chunked")));
        Assert.Equal(503, StatusOf(await AskAsync(proxy, "set bad name=x")));
    }

    [Fact]
    public async Task Body_and_trailers_are_sent_when_asked_for_and_a_body_over_the_limit_is_refused()
    {
        await using var proxy = await StartAsync(""", "send": ["headers", "body", "trailers"], "max_body": 10, "type": "show" """);

        Assert.EndsWith("body=0123456789\n", BodyOf(await proxy.SendAsync(Post("0123456789"))), StringComparison.Ordinal);
        Assert.EndsWith("trailer X-Sum=7\ntype=show\nbody=abcd\n", BodyOf(await proxy.SendAsync(PostChunkedWith("x-sum: 7\r\n", "ab", "cd"))), StringComparison.Ordinal);
        Assert.EndsWith("body=\n", BodyOf(await proxy.SendAsync(Get)), StringComparison.Ordinal);
        Assert.Equal(413, StatusOf(await proxy.SendAsync(Post("0123456789a"))));
    }

    [Theory]
    [InlineData("closed", 503)]
    [InlineData("open", 200)]
    public async Task Without_an_answer_in_time_the_failure_mode_decides(string mode, int status)
    {
        await using var proxy = await StartAsync($$""", "failure_mode": "{{mode}}", "timeout": "3s" """);

        Assert.Equal(status, StatusOf(await AskAsync(proxy, "delay 60000")));
        Assert.Equal(403, StatusOf(await AskAsync(proxy, "status -1")));
        // While it is down, and there is none to start.
        Assert.Equal("disable obedient success\n", await AdminAsync(proxy, "disable=obedient", "POST"));
        Assert.Equal(status, StatusOf(await AskAsync(proxy, "status -1")));
        Assert.Equal("enable obedient success\n", await AdminAsync(proxy, "enable=obedient", "POST"));
        Assert.Equal(403, StatusOf(await AskAsync(proxy, "status -1")));
        await Eventually.HoldsAsync(() => proxy.Log.Contains("no answer within 3000 ms", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Requests_over_the_limit_fail_at_once_instead_of_waiting()
    {
        await using var proxy = await StartAsync(""", "max_in_flight": 3, "timeout": "20s" """);
        var slow = Enumerable.Range(0, 3).Select(_ => AskAsync(proxy, "delay 5000")).ToList();
        await EventuallyAsync(() => proxy.Stats.StreamsActive == 3);

        var more = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(proxy, "status 0")));

        Assert.All(slow, task => Assert.False(task.IsCompleted));
        Assert.All(more, response => Assert.Equal(503, StatusOf(response)));
        Assert.All(await Task.WhenAll(slow), response => Assert.Equal(200, StatusOf(response)));
        await Eventually.HoldsAsync(() => proxy.Log.Contains("3 calls are under way", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_that_goes_takes_its_call_along()
    {
        await using var proxy = await StartAsync(""", "timeout": "20s" """);
        using (var client = await RawClient.ConnectAsync(proxy.Port))
        {
            await client.SendAsync(Request("delay 15000"));
            await Eventually.HoldsAsync(async () => BodyOf(await AskAsync(proxy, "begun")) == "1");
            client.Reset();
        }

        await EventuallyAsync(() => proxy.Stats.StreamsActive == 0);
        await Eventually.HoldsAsync(async () => BodyOf(await AskAsync(proxy, "cancelled")) == "1");
    }

    [Fact]
    public async Task A_plugin_that_crashes_under_load_fails_what_it_held_and_serves_again()
    {
        await using var proxy = await StartAsync("");
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var seen = new HashSet<int>();
            using var client = await RawClient.ConnectAsync(proxy.Port);
            while (!stop.IsCancellationRequested)
            {
                await client.SendAsync(Request("status -1"));
                seen.Add(StatusOf(await client.ReadResponseAsync()));
            }

            return seen;
        })).ToList();
        await Task.Delay(200);

        Assert.Equal(503, StatusOf(await AskAsync(proxy, "exit")));
        await EventuallyAsync(() => AskAsync(proxy, "status -1").GetAwaiter().GetResult().Contains(" 403 ", StringComparison.Ordinal));

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(load), seen => Assert.Subset(new HashSet<int> { 403, 503 }, seen));
    }

    [Fact]
    public async Task A_reload_changes_the_arguments_and_fails_no_request()
    {
        await using var proxy = await StartAsync("");
        using var stop = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            while (!stop.IsCancellationRequested)
            {
                await client.SendAsync(Request("status -1"));
                Assert.Equal(403, StatusOf(await client.ReadResponseAsync()));
            }
        });
        for (int i = 0; i < 3; i++)
        {
            await proxy.Server.ReloadAsync(Load(string.Create(CultureInfo.InvariantCulture, $$""", "args": ["{{i}}"] """)));
            await Task.Delay(100);
        }

        await stop.CancelAsync();
        await load;
        await EventuallyAsync(() => PluginFolder.ProcessesWith(_folder.Path).Count == 1);
    }

    [Theory]
    [InlineData("""{"type":"agent"}""", "stream_filters[0]")]
    [InlineData("""{"type":"agent","config":{"plugin":"nope"}}""", "config.plugin")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient","timeout":"soon"}}""", "config.timeout")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient","timeout":"0s"}}""", "config.timeout")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient","failure_mode":"ajar"}}""", "config.failure_mode")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient","send":["headers","all"]}}""", "config.send[1]")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient","max_body":0}}""", "config.max_body")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient","max_in_flight":-1}}""", "config.max_in_flight")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient","max_procs":0}}""", "config.max_procs")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient","args":"-c x"}}""", "config.args")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient","colour":"red"}}""", "config.colour")]
    [InlineData("""{"type":"agent","config":{"plugin":"obedient"}},{"type":"agent","config":{"plugin":"obedient","args":["x"]}}""", "stream_filters[1].config.args")]
    public async Task What_is_wrong_with_a_configuration_is_said_with_its_place_and_nothing_is_started(string filters, string place)
    {
        var e = await Assert.ThrowsAsync<ConfigurationException>(() => TestProxy.StartJsonAsync(Json(filters), Registry(), "", file: _folder.FileOf("mosn.json"), plugins: new PluginHost()));

        string problem = Assert.Single(e.Problems).ToString();
        Assert.Contains(place, problem, StringComparison.Ordinal);
        Assert.Empty(PluginFolder.ProcessesWith(_folder.Path));
    }

    private static string Request(string order, string fields = "") => $"GET / HTTP/1.1\r\nhost: a\r\nx-do: {order}\r\n{fields}\r\n";

    private static Task<string> AskAsync(TestProxy proxy, string order, string fields = "") => proxy.SendAsync(Request(order, fields));

    private static async Task<string> AdminAsync(TestProxy proxy, string query, string method = "GET")
        => BodyOf(await RawClient.ExchangeAsync(proxy.AdminEndPoint.Port, $"{method} /api/v1/plugin?{query} HTTP/1.1\r\nhost: localhost\r\n\r\n"));

    private static StreamFilterRegistry Registry()
    {
        var registry = new StreamFilterRegistry();
        BuiltIn.Register(registry);
        return registry;
    }

    private Task<TestProxy> StartAsync(string config)
    {
        string log = _folder.FileOf("proxy.log");
        return TestProxy.StartJsonAsync(Json(Agent(config), log), Registry(), log, file: _folder.FileOf("mosn.json"), plugins: new PluginHost());
    }

    private ProxyConfiguration Load(string config)
        => ConfigurationLoader.Parse(System.Text.Encoding.UTF8.GetBytes(Json(Agent(config), _folder.FileOf("proxy.log"))), _folder.FileOf("mosn.json")).Configuration;

    // A busy machine may need longer for an answer than the second that is given by default.
    private static string Agent(string config)
        => $$"""{"type":"agent","config":{"plugin":"obedient"{{(config.Contains("\"timeout\"", StringComparison.Ordinal) ? "" : ", \"timeout\": \"20s\"")}}{{config}} } }""";

    private string Json(string filters, string log = "/dev/null") => $$$$"""
        {"servers":[{"overload_delay":"0s","default_log_path":"{{{{log}}}}","default_log_level":"INFO","graceful_timeout":"5s","processor":1,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,
          "filter_chains":[{"filters":[{"type":"proxy","config":{"downstream_protocol":"Http1","upstream_protocol":"Http1","router_config_name":"r"}}]}],
          "stream_filters":[{{{{filters}}}}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","type":"SIMPLE","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{{_upstream.Address}}}}"}]}]},
        "plugin":{"start_timeout":"60s","backoff":"10ms","max_backoff":"50ms"},
        "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0} } } }
        """;
}
