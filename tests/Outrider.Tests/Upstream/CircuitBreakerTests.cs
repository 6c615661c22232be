using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Tests.Harness;
using Outrider.Upstream;
using Outrider.Upstream.Breakers;
using Outrider.Upstream.Hosts;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.Upstream.HostFixture;

namespace Outrider.Tests.Upstream;

/// <summary>The limits of a cluster, each reached.</summary>
public sealed class CircuitBreakerTests : IDisposable
{
    private const string Get = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    private readonly SemaphoreSlim _answers = new(0);
    private readonly RawUpstream _host;
    private int _asked;

    public CircuitBreakerTests() => _host = new RawUpstream(async (connection, _) =>
    {
        while (await connection.ReadRequestAsync() is { Length: > 0 })
        {
            _ = Interlocked.Increment(ref _asked);
            await _answers.WaitAsync();
            await connection.SendAsync(Response("ok"));
        }
    });

    public void Dispose()
    {
        _answers.Release(1000);
        _host.Dispose();
    }

    [Theory]
    [InlineData("max_connections", "there are too many connections (max_connections of circuit_breakers)")]
    [InlineData("max_requests", "there are too many requests (max_requests)")]
    public async Task Beyond_a_limit_the_answer_is_503_at_once_with_the_flag_UO(string key, string reason)
    {
        string log = Path.GetTempFileName();
        await using (var proxy = await StartAsync($"\"{key}\":1", 1, $$""","access_logs":[{"log_path":"{{log}}","log_format":"%response_code% %response_flags%"}]"""))
        {
            var first = proxy.SendAsync(Get);
            await Eventually.HoldsAsync(() => Volatile.Read(ref _asked) == 1);
            for (int i = 0; i < 3; i++)
            {
                string answer = await proxy.SendAsync(Get).SoonAsync();
                Assert.Equal(503, StatusOf(answer));
                Assert.Contains("circuit breaker: " + reason, answer, StringComparison.Ordinal);
            }

            _answers.Release();
            Assert.Equal("ok", BodyOf(await first.SoonAsync()));
            _answers.Release();
            Assert.Equal("ok", BodyOf(await proxy.SendAsync(Get).SoonAsync()));
        }

        Assert.Equal(["503 UO", "503 UO", "503 UO", "200 -", "200 -"], await File.ReadAllLinesAsync(log));
        File.Delete(log);
    }

    [Fact]
    public async Task Requests_of_all_loops_count_together()
    {
        await using var proxy = await StartAsync("\"max_requests\":3", 3);
        var all = Enumerable.Range(0, 12).Select(_ => proxy.SendAsync(Get)).ToList();
        await Eventually.HoldsAsync(() => all.Count(task => task.IsCompleted) == 9);
        _answers.Release(3);
        var statuses = (await Task.WhenAll(all).SoonAsync()).Select(StatusOf).CountBy(status => status).ToDictionary();
        Assert.Equal((3, 9), (statuses[200], statuses[503]));
    }

    [Fact]
    public async Task With_fewer_connections_than_loops_no_loop_starves()
    {
        _answers.Release(100);
        await using var proxy = await StartAsync("\"max_connections\":1", 3);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal("ok", BodyOf(await proxy.SendAsync(Get).SoonAsync()));
        }

        Assert.InRange(_host.Connections, 1, 3);
    }

    [Fact]
    public async Task Where_requests_may_wait_so_many_do_and_get_the_connection_in_turn()
    {
        await using var proxy = await StartAsync("\"max_connections\":1,\"max_pending_requests\":2", 1);
        var breakers = Breakers(proxy);
        var first = proxy.SendAsync(Get);
        await Eventually.HoldsAsync(() => Volatile.Read(ref _asked) == 1);
        Task<string>[] waiting = [proxy.SendAsync(Get), proxy.SendAsync(Get)];
        await Eventually.HoldsAsync(() => breakers.Pending.Value == 2);
        string answer = await proxy.SendAsync(Get).SoonAsync();
        Assert.Contains("circuit breaker: too many requests wait for a connection (max_pending_requests)", answer, StringComparison.Ordinal);

        _answers.Release(3);
        Assert.Equal("ok", BodyOf(await first.SoonAsync()));
        Assert.All(await Task.WhenAll(waiting).SoonAsync(), other => Assert.Equal("ok", BodyOf(other)));
        Assert.Equal(1, _host.Connections);
        Assert.Equal(0, breakers.Pending.Value);
    }

    [Fact]
    public async Task Whatever_ends_a_request_gives_back_what_it_took()
    {
        int n = 0;
        using var host = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                switch (Interlocked.Increment(ref n) % 4)
                {
                    case 0:
                        connection.Reset();
                        return;
                    case 1:
                        await connection.SendAsync("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
                        break;
                    case 2:
                        await connection.SendAsync(Response("ok"));
                        break;
                    default:
                        while ((await connection.ReadAsync()).Length > 0)
                        {
                        }

                        return;
                }
            }
        });
        await using var proxy = await TestProxy.StartAsync(
            [host.Address, "127.0.0.1:1"], loops: 2, cluster: ""","circuit_breakers":[{"max_connections":50,"max_pending_requests":50,"max_requests":50,"max_retries":50}]""",
            route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","timeout":"100ms","retry_policy":{"retry_on":true,"num_retries":2,"retry_timeout":"20ms"} } }]""");
        var clients = Enumerable.Range(0, 40).Select(async i =>
        {
            using var client = await RawClient.ConnectAsync(proxy.Port);
            await client.SendAsync(Get);
            if (i % 3 != 0)
            {
                _ = await client.ReadAsync(new byte[1000]);
            }
        });
        await Task.WhenAll(clients).SoonAsync();
        var counts = Breakers(proxy);
        await Eventually.HoldsAsync(() => (counts.Requests.Value, counts.Pending.Value, counts.Retries.Value) == (0, 0, 0));
        // Connections end meanwhile: both are of the same moment only when nothing moves any more.
        await Eventually.HoldsAsync(() => proxy.Server.Clusters.Find("up")!.Hosts.Hosts.ToArray().Sum(h => h.ConnectionsActive) == counts.Connections.Value);
    }

    [Theory]
    [InlineData("""[{"max_retries":1,"retry_budget":{"budget_percent":0,"min_retry_concurrency":0}}]""", 1)]
    [InlineData("""[{"retry_budget":{"budget_percent":0,"min_retry_concurrency":0}}]""", 1)]
    [InlineData("""[{"retry_budget":{"budget_percent":0,"min_retry_concurrency":1}}]""", 3)]
    [InlineData("""[{"max_retries":1}]""", 3)]
    [InlineData("[]", 3)]
    public async Task Tries_after_the_first_keep_to_the_budget(string breakers, int expected)
    {
        int asked = 0;
        using var host = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                _ = Interlocked.Increment(ref asked);
                await connection.SendAsync("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n");
            }
        });
        await using var proxy = await TestProxy.StartAsync(
            [host.Address], cluster: $$""","circuit_breakers":{{breakers}}""",
            route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","retry_policy":{"retry_on":true,"num_retries":2} } }]""");
        Assert.Equal(503, StatusOf(await proxy.SendAsync(Get)));
        Assert.Equal(expected, asked);
        Assert.Equal(expected == 1 ? 1 : 0, Breakers(proxy).RetryOverflows);
        Assert.Equal(0, Breakers(proxy).Retries.Value);
    }

    [Theory]
    [InlineData(false, 504)]
    [InlineData(true, 200)]
    public async Task What_lies_at_a_host_that_was_found_to_be_sick_is_tried_elsewhere_beyond_the_budget(bool isFound, int expected)
    {
        int asked = 0;
        using var hangs = new RawUpstream(async (connection, _) =>
        {
            while (await connection.ReadRequestAsync() is { Length: > 0 })
            {
                _ = Interlocked.Increment(ref asked);
            }
        });
        using var well = RawUpstream.Answering(Response("well"), remembers: false);
        await using var proxy = await TestProxy.StartAsync(
            [hangs.Address, well.Address], cluster: ""","circuit_breakers":[{"retry_budget":{"budget_percent":0,"min_retry_concurrency":0}}]""",
            route: """[{"match":{"prefix":"/"},"route":{"cluster_name":"up","retry_policy":{"retry_on":true,"num_retries":1,"retry_timeout":"4s"} } }]""");
        var answers = Task.WhenAll(proxy.SendAsync(Get), proxy.SendAsync(Get));
        await Eventually.HoldsAsync(() => Volatile.Read(ref asked) == 1);
        var host = proxy.Server.Clusters.Find("up")!.Hosts.Hosts.ToArray().Single(its => its.ToString() == hangs.Address);
        Assert.True(!isFound || host.Health.Fail(HostFailures.Ejected, "by this test"));

        Assert.Equal([200, expected], (await answers.SoonAsync()).Select(StatusOf).Order());
        Assert.Equal(isFound ? 0 : 1, Breakers(proxy).RetryOverflows);
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(15, 3)]
    [InlineData(100, 20)]
    public void The_default_budget_is_a_fifth_of_the_requests_and_three_at_least(int active, int expected)
    {
        var breakers = new CircuitBreakers(new CircuitBreakersConfiguration(), new BreakerCounts());
        var permits = new Permit[100];
        int granted = permits.Select((_, i) => breakers.TryRetry(ref permits[i], isBudgeted: true, active)).Count(taken => taken);
        Assert.Equal(expected, granted);
        Assert.True(breakers.TryRetry(ref permits[99], isBudgeted: false, active));
        for (int i = 0; i < permits.Length; i++)
        {
            permits[i].Return();
            permits[i].Return();
        }

        Assert.Equal(0, breakers.Counts.Retries.Value);
    }

    [Fact]
    public void A_new_configuration_takes_over_what_there_is()
    {
        var before = ClusterSet.Build([Cluster("a", "10.0.0.1:80") with { Breakers = new() { MaxRequests = 1 } }], null, 1);
        Permit permit = default;
        Assert.True(before.Find("a")!.Breakers.TryRequest(ref permit));
        var after = ClusterSet.Build([Cluster("a", "10.0.0.1:80") with { Breakers = new() { MaxRequests = 2 } }], before, 1);
        Permit second = default, third = default;
        Assert.True(after.Find("a")!.Breakers.TryRequest(ref second));
        Assert.False(after.Find("a")!.Breakers.TryRequest(ref third));
        permit.Return();
        Assert.True(after.Find("a")!.Breakers.TryRequest(ref third));
    }

    [Fact]
    public void Counting_allocates_nothing_and_loops_do_not_share_its_cache_lines()
    {
        var breakers = new CircuitBreakers(new CircuitBreakersConfiguration { MaxRequests = 1, MaxConnections = 1, MaxPendingRequests = 1 }, new BreakerCounts());
        Allocation.AssertNone(() =>
        {
            Permit permit = default, other = default;
            if (!breakers.TryRequest(ref permit) || breakers.TryRequest(ref other))
            {
                throw new InvalidOperationException("wrong");
            }

            permit.Return();
        });
    }

    [Theory]
    [InlineData("""{"max_requests":1}""", "", "an array")]
    [InlineData("""[{"max_requests":-1}]""", "[0].max_requests", "a whole number of 0 or more")]
    [InlineData("""[{"max_retries":"x"}]""", "[0].max_retries", "a whole number of 0 or more")]
    [InlineData("""[{"retry_budget":{"budget_percent":101}}]""", "[0].retry_budget.budget_percent", "a number from 0 to 100")]
    [InlineData("""[{"retry_budget":{"min_retry_concurrency":1.5}}]""", "[0].retry_budget.min_retry_concurrency", "a whole number of 0 or more")]
    public void What_is_wrong_is_an_error_with_its_path(string breakers, string path, string message)
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(
            $$"""{"servers":[{"listeners":[]}],"cluster_manager":{"clusters":[{"name":"up","circuit_breakers":{{breakers}},"hosts":[{"address":"127.0.0.1:1"}]}]} }"""), "test.json")).Problems);
        Assert.Equal("cluster_manager.clusters[0].circuit_breakers" + path, problem.JsonPath);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private static BreakerCounts Breakers(TestProxy proxy) => proxy.Server.Clusters.Find("up")!.Breakers.Counts;

    private Task<TestProxy> StartAsync(string thresholds, int loops, string listener = "")
        => TestProxy.StartAsync([_host.Address], loops: loops, listener: listener, cluster: $$""","circuit_breakers":[{ {{thresholds}} }]""");
}
