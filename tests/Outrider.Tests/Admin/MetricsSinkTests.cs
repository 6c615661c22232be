using Outrider.Tests.CommandLine;
using Outrider.Tests.Harness;
using Xunit;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Admin;

/// <summary>The sink <c>prometheus</c>: MOSN's names on a port of its own, without what is excluded.</summary>
public sealed class MetricsSinkTests
{
    [Fact]
    public async Task Counters_have_MOSNs_names_and_labels_and_percentiles_where_they_are_asked_for()
    {
        string text = await TellAsync("", ",\"percentiles\":[50,99]");

        Assert.Contains("# TYPE downstream_request_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("downstream_request_total{listener=\"l\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("downstream_request_total{proxy=\"global\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE downstream_connection_active gauge\n", text, StringComparison.Ordinal);
        Assert.Contains("downstream_request_time{listener=\"l\",percentile=\"P99\"} ", text, StringComparison.Ordinal);
        Assert.Contains("upstream_request_total{cluster=\"up\",host=\"127.0.0.1:9\"} ", text, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_excluded_by_label_or_by_name_is_not_told()
    {
        string text = await TellAsync("\"stats_matcher\":{\"exclusion_labels\":[\"host\"],\"exclusion_keys\":[\"request_time\",\"request_total\"]},", ",\"disable_collect_process\":true");

        Assert.DoesNotContain("host=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("request_total{", text, StringComparison.Ordinal);
        Assert.DoesNotContain("request_time_max", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nprocess_", text, StringComparison.Ordinal);
        Assert.Contains("downstream_request_time_total{", text, StringComparison.Ordinal);
    }

    private static async Task<string> TellAsync(string metrics, string sink)
    {
        int port = OutriderProcess.FreePort();
        await using var proxy = await TestProxy.StartJsonAsync($$"""
            {"servers":[{"default_log_path":"/dev/null","processor":1,
            "routers":[{"router_config_name":"r","virtual_hosts":[{"domains":["*"],"routers":[{"match":{"prefix":"/"},"direct_response":{"status":200} }]}]}],
            "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}]}]}],
            "cluster_manager":{"clusters":[{"name":"up","hosts":[{"address":"127.0.0.1:9"}]}]},
            "metrics":{ {{metrics}} "shm_zone":"","shm_size":"0","sinks":[{"type":"prometheus","config":{"address":"127.0.0.1","port":{{port}}{{sink}} } }]} }
            """);
        _ = await proxy.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        await Eventually.HoldsAsync(() => proxy.Stats.StreamsActive == 0 && proxy.Stats.Responses2xx == 1);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
    }
}
