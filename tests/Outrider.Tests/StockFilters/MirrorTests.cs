using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.StockFilters;
using Outrider.Tests.Harness;
using Xunit;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>mirror</c>, and <c>request_mirror_policies</c>, which say where copies go.</summary>
public sealed class MirrorTests
{
    private const string Post = "POST /a?b=c HTTP/1.1\r\nhost: a.test\r\nx-user: ann\r\ncontent-length: 5\r\n\r\nhello";

    [Theory]
    [InlineData("", 1)]
    [InlineData("\"amplification\":3", 3)]
    public async Task Copies_go_to_the_cluster_of_the_policy_as_the_request_came_and_the_client_gets_the_answer_of_its_own(string config, int copies)
    {
        using var copied = new Sink(2);
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, copied, $$"""{"type":"mirror","config":{ {{config}} } }""");

        string answer = await proxy.SendAsync(Post);

        Assert.Equal(200, StatusOf(answer));
        await Eventually.HoldsAsync(() => copied.Requests.Count == copies);
        Assert.All(copied.Requests, request =>
        {
            Assert.StartsWith("POST /a?b=c HTTP/1.1\r\n", request, StringComparison.Ordinal);
            Assert.Contains("host: a.test\r\n", request, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("x-user: ann\r\n", request, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("hello", request, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_mirror_that_never_answers_delays_nothing_and_its_copy_outlives_the_request()
    {
        using var copied = new Sink(1, answers: false);
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, copied, """{"type":"mirror"}""");

        Assert.Equal(200, StatusOf(await proxy.SendAsync(Post)));
        await Eventually.HoldsAsync(() => copied.Requests.Count == 1);
    }

    [Fact]
    public async Task A_mirror_that_is_not_there_harms_nothing()
    {
        using var copied = new Sink(1);
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, copied, """{"type":"mirror"}""", dead: true);

        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(200, StatusOf(await proxy.SendAsync(Post)));
        }
    }

    [Fact]
    public async Task Two_filters_make_no_more_copies_than_one()
    {
        using var copied = new Sink(1);
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, copied, """{"type":"mirror"},{"type":"mirror"}""");

        _ = await proxy.SendAsync(Post);
        _ = await proxy.SendAsync(Post);
        await Eventually.HoldsAsync(() => copied.Requests.Count == 2);
        Assert.Equal(2, copied.Requests.Count);
    }

    [Fact]
    public async Task Without_the_filter_a_policy_does_nothing_and_a_share_of_none_neither()
    {
        using var copied = new Sink(1);
        using var upstream = Mirror();
        await using (var proxy = await StartAsync(upstream.Address, copied, ""))
        {
            _ = await proxy.SendAsync(Post);
        }

        await using (var proxy = await StartAsync(upstream.Address, copied, """{"type":"mirror"}""", percent: 0))
        {
            _ = await proxy.SendAsync(Post);
        }

        Assert.Empty(copied.Requests);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nhost: a\r\n\r\n")]
    [InlineData(Post)]
    public async Task A_broadcast_goes_to_each_host_and_is_answered_at_once(string request)
    {
        using var copied = new Sink(3);
        using var upstream = Mirror();
        await using var proxy = await StartAsync(upstream.Address, copied, """{"type":"mirror","config":{"broadcast":true,"amplification":10}}""");

        Assert.Equal(200, StatusOf(await proxy.SendAsync(request)));
        await Eventually.HoldsAsync(() => copied.Requests.Count == 3);
        Assert.Equal(3, copied.Ports.Distinct().Count());
    }

    [Fact]
    public void What_is_wrong_is_an_error_with_its_path()
    {
        Assert.Equal("$.amplification", Refusal("mirror", """{"amplification":0}""").Path);
        Assert.Equal("$.amplify", Refusal("mirror", """{"amplify":1}""").Path);
    }

    private static Task<TestProxy> StartAsync(string upstream, Sink copied, string filters, int percent = 100, bool dead = false)
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        string hosts = dead ? $$"""{"address":"127.0.0.1:{{CommandLine.OutriderProcess.FreePort()}}"}""" : string.Join(',', copied.Addresses.Select(address => $$"""{"address":"{{address}}"}"""));
        return TestProxy.StartJsonAsync($$"""
            {"servers":[{"default_log_path":"/dev/null","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"domains":["*"],"routers":[
              {"match":{"prefix":"/"},"route":{"cluster_name":"up"},"request_mirror_policies":{"cluster":"copies","percent":{{percent}} } }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}],"stream_filters":[{{filters}}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"{{upstream}}"}]},{"name":"copies","lb_type":"LB_REQUEST_ROUNDROBIN","hosts":[{{hosts}}]}]} }
            """, registry);
    }

    /// <summary>Hosts that keep what they are sent.</summary>
    private sealed class Sink : IDisposable
    {
        private readonly List<RawUpstream> _hosts = [];

        internal Sink(int count, bool answers = true)
        {
            for (int i = 0; i < count; i++)
            {
                int number = i;
                _hosts.Add(new RawUpstream(async (connection, _) =>
                {
                    string request = await connection.ReadRequestAsync();
                    if (request.Length == 0)
                    {
                        return;
                    }

                    Requests.Add(request);
                    Ports.Add(number);
                    if (answers)
                    {
                        await connection.SendAsync("HTTP/1.1 500 No\r\ncontent-length: 3\r\nconnection: close\r\n\r\nbad");
                    }

                    // Until the proxy closes.
                    Assert.Empty(await connection.ReadAsync());
                }));
            }
        }

        internal ConcurrentBag<string> Requests { get; } = [];

        internal ConcurrentBag<int> Ports { get; } = [];

        internal IEnumerable<string> Addresses => _hosts.Select(host => host.Address);

        public void Dispose() => _hosts.ForEach(host => host.Dispose());
    }
}
