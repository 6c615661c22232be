using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>The counters under Envoy's names, as far as they mean the same. Any thread.</summary>
internal static class EnvoyStats
{
    /// <summary>All of them by name, and the histograms.</summary>
    internal static (List<EnvoyStat> Stats, List<EnvoyHistogram> Histograms) Collect(IAdminSource source)
    {
        List<EnvoyStat> stats = [];
        List<EnvoyHistogram> histograms = [];
        var addresses = source.Listeners.ToDictionary(static listener => listener.Name, static listener => listener.Address.Replace(':', '_'), StringComparer.Ordinal);
        foreach (var listener in source.Stats.Listeners)
        {
            var sum = listener.Sum();
            stats.AddRange(Listener(addresses.GetValueOrDefault(listener.Name, listener.Name), sum));
            stats.AddRange(Http(listener.Name, sum));
            histograms.Add(new("http", listener.Name, "downstream_rq_time", sum.RequestDuration));
        }

        var hosts = source.Clusters.ToDictionary(static cluster => cluster.Name, StringComparer.Ordinal);
        foreach (var cluster in source.Stats.Clusters)
        {
            var sum = cluster.Sum();
            stats.AddRange(Cluster(cluster.Name, sum, hosts.GetValueOrDefault(cluster.Name)));
            histograms.Add(new("cluster", cluster.Name, "upstream_rq_time", sum.RequestDuration));
        }

        var now = RuntimeMetrics.Read();
        stats.AddRange(
        [
            new("server", "", "live", true, source.State == 6 ? 1 : 0),
            new("server", "", "uptime", true, (long)now.Uptime.TotalSeconds),
            new("server", "", "concurrency", true, source.Stats.LoopCount),
            new("server", "", "memory_allocated", true, now.HeapBytes),
            new("server", "", "memory_physical_size", true, now.ResidentBytes),
            new("server", "", "total_connections", true, source.Stats.Sum().ConnectionsActive),
        ]);
        stats.Sort(static (one, other) => string.CompareOrdinal(one.FullName, other.FullName));
        histograms.Sort(static (one, other) => string.CompareOrdinal(one.FullName, other.FullName));
        return (stats, histograms);
    }

    private static EnvoyStat[] Listener(string address, ListenerLoopStats sum) =>
    [
        new("listener", address, "downstream_cx_active", true, sum.ConnectionsActive),
        new("listener", address, "downstream_cx_destroy", false, sum.ConnectionsClosed),
        new("listener", address, "downstream_cx_total", false, sum.ConnectionsAccepted),
        new("listener", address, "no_filter_chain_match", false, sum.ConnectionsUnmatched),
        new("listener", address, "ssl.connection_error", false, sum.TlsFailures),
        new("listener", address, "ssl.handshake", false, sum.TlsHandshakes),
        new("listener", address, "ssl.session_reused", false, sum.TlsResumptions),
    ];

    private static EnvoyStat[] Http(string name, ListenerLoopStats sum) =>
    [
        new("http", name, "downstream_cx_rx_bytes_total", false, sum.BytesIn),
        new("http", name, "downstream_cx_tx_bytes_total", false, sum.BytesOut),
        new("http", name, "downstream_rq_1xx", false, sum.Responses1xx),
        new("http", name, "downstream_rq_2xx", false, sum.Responses2xx),
        new("http", name, "downstream_rq_3xx", false, sum.Responses3xx),
        new("http", name, "downstream_rq_4xx", false, sum.Responses4xx),
        new("http", name, "downstream_rq_5xx", false, sum.Responses5xx),
        new("http", name, "downstream_rq_active", true, sum.RequestsActive),
        new("http", name, "downstream_rq_completed", false, sum.Responses1xx + sum.Responses2xx + sum.Responses3xx + sum.Responses4xx + sum.Responses5xx),
        new("http", name, "downstream_rq_rx_reset", false, sum.RequestsReset),
        new("http", name, "downstream_rq_total", false, sum.RequestsTotal),
    ];

    private static EnvoyStat[] Cluster(string name, ClusterLoopStats sum, AdminCluster? cluster) =>
    [
        new("cluster", name, "lb_subsets_active", true, cluster?.Subsets ?? 0),
        new("cluster", name, "lb_subsets_fallback", false, sum.Counts.SubsetFallbacks),
        new("cluster", name, "membership_healthy", true, cluster?.Hosts.Count(static host => host.IsHealthy) ?? 0),
        new("cluster", name, "membership_total", true, cluster?.Hosts.Count ?? 0),
        new("cluster", name, "outlier_detection.ejections_enforced_total", false, cluster?.Counter("ejections_total") ?? 0),
        new("cluster", name, "upstream_cx_active", true, sum.ConnectionsActive),
        new("cluster", name, "upstream_cx_connect_fail", false, sum.ConnectFailures),
        new("cluster", name, "upstream_cx_destroy", false, sum.ConnectionsClosed),
        new("cluster", name, "upstream_cx_destroy_local", false, sum.Counts.LocalCloses),
        new("cluster", name, "upstream_cx_destroy_local_with_active_rq", false, sum.Counts.LocalClosesInUse),
        new("cluster", name, "upstream_cx_destroy_remote", false, sum.Counts.RemoteCloses),
        new("cluster", name, "upstream_cx_destroy_remote_with_active_rq", false, sum.Counts.RemoteClosesInUse),
        new("cluster", name, "upstream_cx_close_notify", false, sum.Counts.CloseNotices),
        new("cluster", name, "upstream_cx_overflow", false, cluster?.Counter("connection_overflows_total") ?? 0),
        new("cluster", name, "upstream_cx_rx_bytes_total", false, sum.BytesIn),
        new("cluster", name, "upstream_cx_total", false, sum.ConnectionsTotal),
        new("cluster", name, "upstream_cx_tx_bytes_total", false, sum.BytesOut),
        new("cluster", name, "upstream_rq_5xx", false, sum.Counts.ResponsesFailed),
        new("cluster", name, "upstream_rq_active", true, sum.RequestsActive),
        new("cluster", name, "upstream_rq_completed", false, sum.Counts.ResponsesSucceeded + sum.Counts.ResponsesFailed),
        new("cluster", name, "upstream_rq_pending_overflow", false, cluster?.Counter("pending_overflows_total") ?? 0),
        new("cluster", name, "upstream_rq_retry", false, sum.Retries),
        new("cluster", name, "upstream_rq_retry_overflow", false, cluster?.Counter("retry_overflows_total") ?? 0),
        new("cluster", name, "upstream_rq_rx_reset", false, sum.Counts.RemoteResets),
        new("cluster", name, "upstream_rq_timeout", false, sum.Timeouts),
        new("cluster", name, "upstream_rq_total", false, sum.RequestsTotal),
        new("cluster", name, "upstream_rq_tx_reset", false, sum.Counts.LocalResets),
    ];
}
