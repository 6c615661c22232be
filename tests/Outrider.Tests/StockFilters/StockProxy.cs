using Outrider.Filters;
using Outrider.StockFilters;
using Outrider.Tests.Harness;

namespace Outrider.Tests.StockFilters;

/// <summary>A proxy in front of one upstream, with stock filters by their names.</summary>
internal static class StockProxy
{
    /// <summary>Starts it.</summary>
    /// <param name="upstream">The only host's address.</param>
    /// <param name="filters">JSON of <c>stream_filters</c>, without brackets.</param>
    /// <param name="log">The error log, or empty.</param>
    /// <param name="more">Registers what a test has of its own.</param>
    /// <param name="perFilterConfig">JSON of the route's <c>per_filter_config</c>.</param>
    /// <param name="cluster">JSON of a cluster beside the upstream's, or empty.</param>
    /// <param name="accessLog">The access log, or empty.</param>
    /// <param name="format">What its lines say.</param>
    internal static Task<TestProxy> StartAsync(
        string upstream, string filters, string log = "", Action<StreamFilterRegistry>? more = null, string perFilterConfig = "{}", string cluster = "", string accessLog = "", string format = "")
    {
        var registry = new StreamFilterRegistry();
        StockFilterSet.Register(registry);
        more?.Invoke(registry);
        string listener = accessLog.Length == 0 ? "" : $$""" "access_logs":[{"log_path":"{{accessLog}}","log_format":"{{format}}"}],""";
        return TestProxy.StartJsonAsync(Json(upstream, filters, log, perFilterConfig, cluster.Length == 0 ? "" : "," + cluster, listener), registry, log);
    }

    private static string Json(string upstream, string filters, string log, string perFilterConfig, string clusters, string listener) => $$"""
        {"servers":[{"default_log_path":"{{(log.Length == 0 ? "/dev/null" : log)}}","default_log_level":"INFO","processor":1,
        "routers":[{"router_config_name":"r","virtual_hosts":[{"name":"all","domains":["*"],"routers":[
          {"match":{"prefix":"/own"},"route":{"cluster_name":"up"},"per_filter_config":{{perFilterConfig}} },{"match":{"prefix":"/"},"route":{"cluster_name":"up"} }]}]}],
        "listeners":[{"name":"l","address":"127.0.0.1:0","bind_port":true,{{listener}}"filter_chains":[{"filters":[{"type":"proxy","config":{"router_config_name":"r"} }]}],"stream_filters":[{{filters}}]}]}],
        "cluster_manager":{"clusters":[{"name":"up","lb_type":"LB_ROUNDROBIN","hosts":[{"address":"{{upstream}}"}]}{{clusters}}]},
        "admin":{"address":{"socket_address":{"address":"127.0.0.1","port_value":0} } } }
        """;
}
