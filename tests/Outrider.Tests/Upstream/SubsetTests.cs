using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Tests.Filters;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Upstream;

/// <summary>Clusters that are divided by their hosts' metadata.</summary>
public sealed class SubsetTests : IDisposable
{
    // Three hosts: a is v1 in the east, b is v1 in the west, c is v2 in the west.
    private readonly RawUpstream[] _hosts = [.. "abc".Select(name => RawUpstream.Answering(Response(name.ToString())))];

    public void Dispose() => Array.ForEach(_hosts, host => host.Dispose());

    [Fact]
    public async Task A_route_asks_for_a_subset_and_metadata_of_filters_wins_over_it()
    {
        var script = new Script
        {
            DecodeHeaders = (filter, headers, _) =>
            {
                foreach (string name in new[] { "version", "zone" })
                {
                    if (headers.GetString(name) is { } value)
                    {
                        filter.Context.Metadata.Set(name == "zone" ? "mosn.lb" : "envoy.lb", name, value);
                    }
                }

                filter.Context.Metadata.Set("other", "zone", "nowhere");
                return FilterAction.Continue;
            },
        };
        await using var proxy = await StartAsync("""{"fall_back_policy":0,"subset_selectors":[["version"],["version","zone"]]}""", """{"version":"v1"}""", script);

        Assert.Equal("aabb", await AskedAsync(proxy, 4));
        Assert.Equal("cccc", await AskedAsync(proxy, 4, "version: v2\r\n"));
        Assert.Equal("bb", await AskedAsync(proxy, 2, "zone: west\r\n"));
        Assert.Equal("cc", await AskedAsync(proxy, 2, "version: v2\r\nzone: west\r\n"));
        Assert.Equal("503", await AskedAsync(proxy, 1, "version: v2\r\nzone: east\r\n"));

        // Each subset goes its own round, however the requests are mixed.
        var answers = new StringBuilder();
        for (int i = 0; i < 4; i++)
        {
            answers.Append(await AskedAsync(proxy, 1)).Append(await AskedAsync(proxy, 1, "version: v2\r\n"));
        }

        Assert.Equal("aabbcccc", string.Concat(answers.ToString().Order()));
    }

    [Theory]
    [InlineData(0, "", "503")]
    [InlineData(1, "", "abc")]
    [InlineData(2, """, "default_subset": {"zone": "west"}""", "bbc")]
    [InlineData(2, "", "abc")]
    [InlineData(2, """, "default_subset": {"zone": "north"}""", "503")]
    public async Task A_request_that_no_subset_is_for_goes_where_the_policy_says(int policy, string more, string expected)
    {
        string subsets = $$"""{"fall_back_policy":{{policy}},"subset_selectors":[["version"]]{{more}}}""";
        foreach (string match in new[] { """{"version":"v9"}""", """{"zone":"west"}""", """{"version":"v1","zone":"west"}""" })
        {
            await using var proxy = await StartAsync(subsets, match);
            string asked = await AskedAsync(proxy, expected == "503" ? 1 : 3);
            // Where a round begins is drawn.
            Assert.True(expected == "bbc" ? asked is "bbc" or "bcc" : asked == expected, asked);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_request_that_asks_for_nothing_goes_to_any_host_whatever_the_policy(int policy)
    {
        await using var proxy = await StartAsync($$$"""{"fall_back_policy":{{{policy}}},"default_subset":{"zone":"north"},"subset_selectors":[["version"]]}""", "{}");
        Assert.Equal("abc", await AskedAsync(proxy, 3));
    }

    [Fact]
    public async Task Without_subsets_metadata_decides_nothing()
    {
        await using var proxy = await StartAsync("{}", """{"version":"v1"}""");
        Assert.Equal("abc", await AskedAsync(proxy, 3));
    }

    [Fact]
    public async Task The_weighted_cluster_that_was_drawn_says_which_subset_instead_of_the_route()
    {
        string Part(int weight, string version) => $$$"""{"cluster":{"name":"up","weight":{{{weight}}},"metadata_match":{"filter_metadata":{"mosn.lb":{"version":"{{{version}}}"} } } } }""";
        string json = Json("""{"subset_selectors":[["version"],["version","zone"]]}""", """{"zone":"west"}""")
            .Replace("\"cluster_name\":\"up\"", $"\"weighted_clusters\":[{Part(1, "v1")},{Part(1, "v2")},{Part(0, "v3")}]", StringComparison.Ordinal);
        var registry = new StreamFilterRegistry();
        registry.Add("f", _ => new Script());
        await using var proxy = await TestProxy.StartJsonAsync(json, registry);

        string asked = await AskedAsync(proxy, 64);

        // Both hosts of v1, in whatever zone; the route's zone is not added.
        Assert.Equal("abc", string.Concat(asked.Distinct()));
    }

    [Fact]
    public async Task What_is_tried_again_stays_in_the_subset()
    {
        string json = Json("""{"subset_selectors":[["zone"]]}""", """{"zone":"west"}""").Replace(_hosts[1].Address, "127.0.0.1:1", StringComparison.Ordinal);
        var registry = new StreamFilterRegistry();
        registry.Add("f", _ => new Script());
        await using var proxy = await TestProxy.StartJsonAsync(json, registry);
        Assert.Equal("cccc", await AskedAsync(proxy, 4));
    }

    [Theory]
    [InlineData("""{"fall_back_policy":3}""", "lb_subset_config.fall_back_policy")]
    [InlineData("""{"subset_selectors":["version"]}""", "lb_subset_config.subset_selectors[0]")]
    [InlineData("""{"subset_selectors":[["version"]],"default_subset":{"version":1}}""", "lb_subset_config.default_subset.version")]
    public void What_is_wrong_is_an_error_with_its_path(string subsets, string path)
    {
        var problem = Assert.Single(Assert.Throws<ConfigurationException>(() => Parse(Json(subsets, "{}"))).Problems);
        Assert.Equal("cluster_manager.clusters[0]." + path, problem.JsonPath);
    }

    private static ProxyConfiguration Parse(string json) => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;

    /// <summary>Who answers, sorted.</summary>
    private static async Task<string> AskedAsync(TestProxy proxy, int count, string fields = "")
    {
        var answers = new List<string>();
        for (int i = 0; i < count; i++)
        {
            string response = await proxy.SendAsync($"GET / HTTP/1.1\r\nhost: a\r\n{fields}\r\n");
            answers.Add(StatusOf(response) == 200 ? BodyOf(response) : response[9..12]);
        }

        return string.Concat(answers.Order(StringComparer.Ordinal));
    }

    private Task<TestProxy> StartAsync(string subsets, string match, Script? script = null)
    {
        var registry = new StreamFilterRegistry();
        registry.Add("f", _ => script ?? new Script());
        return TestProxy.StartJsonAsync(Json(subsets, match), registry);
    }

    private string Json(string subsets, string match)
    {
        string Metadata(string values) => "{\"filter_metadata\":{\"mosn.lb\":" + values + ",\"else\":{\"n\":1}}}";
        string Host(int i, string version, string zone) => $"{{\"address\":\"{_hosts[i].Address}\",\"metadata\":{Metadata($"{{\"version\":\"{version}\",\"zone\":\"{zone}\"}}")}}}";
        return $$$"""
            {"servers":[{"default_log_path":"/dev/null","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up","metadata_match":{{{Metadata(match)}}} } }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}],"stream_filters":[{"type":"f"}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","lb_subset_config":{{{subsets}}},"hosts":[{{{Host(0, "v1", "east")}}},{{{Host(1, "v1", "west")}}},{{{Host(2, "v2", "west")}}}]}]}}
            """;
    }
}
