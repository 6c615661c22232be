using System.Text.RegularExpressions;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;
using static Outrider.Tests.StockFilters.StockExchange;

namespace Outrider.Tests.StockFilters;

/// <summary>The filter <c>istio.stats</c>.</summary>
public sealed class StatsTests
{
    [Fact]
    public async Task Istios_metrics_and_labels_are_counted_where_nothing_else_is_said()
    {
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(upstream.Address, """{"type":"istio.stats","config":{"stat_prefix":"istio"}}""");
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Post("hello"))));
        Assert.Equal(200, StatusOf(await proxy.SendAsync(Post("hello"))));

        string metrics = await ReadAsync(proxy, "istio_requests_total{");
        string line = Line(metrics, "outrider_filter_istio_stats_istio_requests_total");
        Assert.EndsWith(" 2", line, StringComparison.Ordinal);
        foreach (string label in new[] { "reporter=\"destination\"", "response_code=\"200\"", "request_protocol=\"http\"", "source_workload=\"unknown\"", "connection_security_policy=\"none\"", "response_flags=\"-\"" })
        {
            Assert.Contains(label, line, StringComparison.Ordinal);
        }

        Assert.Contains("outrider_filter_istio_stats_istio_request_duration_milliseconds_count{", metrics, StringComparison.Ordinal);
        Assert.EndsWith(" 10", Line(metrics, "outrider_filter_istio_stats_istio_request_bytes_sum"), StringComparison.Ordinal);
        Assert.Contains("outrider_filter_istio_stats_istio_response_bytes_sum{", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_labels_and_conditions_of_the_configuration_take_their_place()
    {
        const string Config = """
            {"definitions":[{"name":"calls","value":"1"},{"name":"seen","value":"request.size | 0","type":"GAUGE"},{"name":"took","value":"\"1500ms\"","type":"HISTOGRAM"}],
            "metrics":[{"dimensions":{"method":"request.method","agent":"request.useragent | \"none\"","secret":"request.host"}},{"tags_to_remove":["secret"]},
              {"name":"calls","match":"request.method == \"GET\"","dimensions":{"kind":"\"read\""}}]}
            """;
        using var upstream = Mirror();
        await using var proxy = await StockProxy.StartAsync(upstream.Address, $$"""{"type":"istio.stats","config":{{Config}} }""");
        _ = await proxy.SendAsync(GetWith("user-agent: me\r\n"));
        _ = await proxy.SendAsync(Post("hello"));

        string metrics = await ReadAsync(proxy, "method=\"POST\"");
        Assert.Contains("outrider_filter_istio_stats_calls_total{agent=\"me\",kind=\"read\",method=\"GET\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_filter_istio_stats_calls_total{agent=\"none\",kind=\"\",method=\"POST\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_filter_istio_stats_seen{agent=\"none\",method=\"POST\"} 5\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_filter_istio_stats_took_sum{agent=\"me\",method=\"GET\"} 1500\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"stat_prefix":"a-b"}""", "$.stat_prefix")]
    [InlineData("""{"definitions":[{"name":"a","value":"request.host"}]}""", "$.definitions[0].value")]
    [InlineData("""{"definitions":[{"name":"a","value":"request."}]}""", "$.definitions[0].value")]
    [InlineData("""{"definitions":[{"name":"a b","value":"1"}]}""", "$.definitions[0].name")]
    [InlineData("""{"definitions":[{"name":"a","value":"1","type":"SUM"}]}""", "$.definitions[0].type")]
    [InlineData("""{"definitions":[{"name":"a","value":"1"},{"name":"a","value":"1"}]}""", "$.definitions")]
    [InlineData("""{"metrics":[{"match":"request.host"}]}""", "$.metrics[0].match")]
    [InlineData("""{"metrics":[{"dimensions":{"a":"nothing.there"}}]}""", "$.metrics[0].dimensions.a")]
    public void What_is_wrong_is_an_error_with_its_path(string config, string path) => Assert.Equal(path, Refusal("istio.stats", config).Path);

    private static string Line(string metrics, string name) => Regex.Match(metrics, $@"^{name}\{{.*$", RegexOptions.Multiline).Value.TrimEnd();

    // A stream is counted when it has ended, which its client may know before.
    private static async Task<string> ReadAsync(TestProxy proxy, string awaited)
    {
        using var client = new HttpClient();
        string metrics = "";
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0);
        await Eventually.HoldsAsync(
            async () => (metrics = await client.GetStringAsync(new Uri($"http://{proxy.AdminEndPoint}/metrics"))).Contains(awaited, StringComparison.Ordinal));
        return metrics;
    }
}
