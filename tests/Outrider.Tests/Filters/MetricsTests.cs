using System.Globalization;
using System.Net.Http;
using System.Text;
using System.Text.Json;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Telemetry.Extensions;
using Outrider.Tests.Harness;
using static Outrider.Tests.Filters.FilterExchange;

namespace Outrider.Tests.Filters;

/// <summary>Metrics that filters keep. They are of the process, so every test has names of its own.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task They_are_shown_with_their_labels_and_go_on_after_a_reload()
    {
        using var upstream = Mirror();
        await using var proxy = await TestProxy.StartJsonAsync(Json("test-metrics", upstream.Address), Registry("test-metrics"));
        _ = await proxy.SendAsync("GET /a HTTP/1.1\r\nhost: x\r\n\r\n");
        _ = await proxy.SendAsync("GET /a HTTP/1.1\r\nhost: x\r\n\r\n");
        await proxy.Server.ReloadAsync(Parse(Json("test-metrics", upstream.Address)));
        _ = await proxy.SendAsync("POST /b HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
        _ = await proxy.SendAsync("GET /a HTTP/1.1\r\nhost: x\r\n\r\n");

        using var http = new HttpClient();
        string metrics = await http.GetStringAsync(new Uri($"http://{proxy.AdminEndPoint}/metrics"));
        Assert.Contains("# TYPE outrider_filter_test_metrics_seen_total counter\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_filter_test_metrics_seen_total{method=\"GET\",path=\"/a\"} 3\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_filter_test_metrics_seen_total{method=\"POST\",path=\"/b\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("# TYPE outrider_filter_test_metrics_last gauge\noutrider_filter_test_metrics_last 7\n", Without(metrics, "# HELP"), StringComparison.Ordinal);
        Assert.Contains("outrider_filter_test_metrics_size_bucket{le=\"+Inf\"} 4\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_filter_test_metrics_size_bucket{le=\"1023\"} 4\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_filter_test_metrics_size_bucket{le=\"511\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_filter_test_metrics_size_sum 2400\n", metrics, StringComparison.Ordinal);
        Assert.Contains("outrider_filter_test_metrics_size_count 4\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_there_already_in_another_form_is_an_error_of_the_configuration()
    {
        _ = new NativeFilterMetrics("test-conflict").CreateCounter("seen", "other");

        var problem = Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => TestProxy.StartJsonAsync(Json("test-conflict", "127.0.0.1:1"), Registry("test-conflict")))).Problems);

        Assert.Contains("the metric 'seen' is there already", problem.Message, StringComparison.Ordinal);
        Assert.Contains("stream_filters[0]", problem.JsonPath, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_name_twice_is_the_same_metric_and_wrong_names_and_labels_are_refused()
    {
        var metrics = new NativeFilterMetrics("test-same");
        metrics.CreateCounter("hits", "a").Add(2, "x\"y\\");
        metrics.CreateCounter("hits", "a").Add(1, "x\"y\\");

        Assert.Throws<ArgumentException>(() => metrics.CreateCounter("no-name"));
        Assert.Throws<ArgumentException>(() => metrics.CreateGauge("good", "no label"));
        Assert.Throws<ArgumentException>(() => metrics.CreateCounter("hits", "a").Add(1));
        Assert.Throws<ArgumentException>(() => metrics.CreateCounter("hits", "a").Add(1, "x", "y"));
        Assert.Throws<ArgumentOutOfRangeException>(() => metrics.CreateCounter("hits", "a").Add(-1, "x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => metrics.CreateHistogram("sizes").Record(-1));
        Assert.Contains("outrider_filter_test_same_hits_total{a=\"x\\\"y\\\\\"} 3\n", Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_clients_choose_do_not_fill_the_memory()
    {
        var counter = new NativeFilterMetrics("test-bound").CreateCounter("seen", "who");
        for (int i = 0; i < ExtensionMetric.MaxSeries + 100; i++)
        {
            counter.Add(1, i.ToString(CultureInfo.InvariantCulture));
        }

        // Those that are there go on.
        counter.Add(1, "0");
        string shown = Shown();
        Assert.Equal(ExtensionMetric.MaxSeries, shown.Split("outrider_filter_test_bound_seen_total{").Length - 1);
        Assert.Contains("outrider_filter_test_bound_seen_total{who=\"0\"} 2\n", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_allocates_nothing()
    {
        var metrics = new NativeFilterMetrics("test-free");
        var counter = metrics.CreateCounter("seen", "who", "what");
        var gauge = metrics.CreateGauge("now", "who");
        var histogram = metrics.CreateHistogram("size");
        Allocation.AssertNone(() =>
        {
            counter.Add(1, "somebody", "something");
            gauge.Add(1, "ünicode");
            gauge.Set(3, "ünicode");
            histogram.Record(77);
        });
    }

    private static string Shown()
    {
        var text = new PrometheusText();
        ExtensionMetrics.Write(text);
        return text.ToString();
    }

    private static string Without(string text, string lines) => string.Join('\n', text.Split('\n').Where(line => !line.StartsWith(lines, StringComparison.Ordinal)));

    private static ProxyConfiguration Parse(string json) => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "test.json").Configuration;

    private static StreamFilterRegistry Registry(string type)
    {
        var registry = new StreamFilterRegistry();
        registry.Add(type, configuration => (MeteredConfig)configuration.Read(JsonSerializerOptions.Default.GetTypeInfo(typeof(MeteredConfig))), config => new MeteredFilter(config));
        return registry;
    }

    private static string Json(string type, string host) => $$$$$"""
        {"servers":[{"default_log_path":"/dev/null","processor":1,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[{"match":{"prefix":"/"},"route":{"cluster_name":"up"}}]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"}}]}],"stream_filters":[{"type":"{{{{{type}}}}}"}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{{{{host}}}}}"}]}]},
        "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0}}}}
        """;

    private sealed class MeteredConfig : IMetricsUser
    {
        internal FilterCounter Seen { get; private set; } = null!;

        internal FilterGauge Last { get; private set; } = null!;

        internal FilterHistogram Size { get; private set; } = null!;

        public void CreateMetrics(FilterMetrics metrics)
        {
            Seen = metrics.CreateCounter("seen", "method", "path");
            Last = metrics.CreateGauge("last");
            Size = metrics.CreateHistogram("size");
        }
    }

    private sealed class MeteredFilter(MeteredConfig config) : StreamFilter
    {
        public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
        {
            config.Seen.Add(1, headers.MethodString, headers.PathString);
            config.Last.Set(8);
            config.Last.Add(-1);
            config.Size.Record(600);
            return FilterAction.Continue;
        }

        public override bool TryReset() => true;
    }
}
