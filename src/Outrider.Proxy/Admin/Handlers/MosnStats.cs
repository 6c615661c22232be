using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// The counters under MOSN's names (<c>pkg/metrics</c>), those too that MOSN has names for and never counts; times in nanoseconds. What MOSN keeps as a histogram has its name
/// with <c>_min</c> and <c>_max</c>. Any thread.
/// </summary>
internal static class MosnStats
{
    private const long NanosecondsPerMicrosecond = 1000;

    /// <summary>All of them: by type (<c>downstream</c>, <c>upstream</c>, <c>http2</c>, <c>healthcheck</c>), group and name.</summary>
    internal static async ValueTask<SortedDictionary<string, SortedDictionary<string, SortedDictionary<string, decimal>>>> CollectAsync(IAdminSource source)
    {
        var buffered = await source.BufferedAsync().ConfigureAwait(false);
        var downstream = Table();
        var global = new ListenerLoopStats();
        (long Read, long Written) waiting = default;
        foreach (ListenerStats listener in source.Stats.Listeners)
        {
            ListenerLoopStats sum = listener.Sum();
            global.Add(sum);
            var here = buffered.Listeners.GetValueOrDefault(listener.Name);
            waiting = (waiting.Read + here.Read, waiting.Written + here.Written);
            downstream["listener." + listener.Name] = Downstream(sum, here);
        }

        downstream["proxy.global"] = Downstream(global, waiting);
        var upstream = Table();
        foreach (ClusterStats cluster in source.Stats.Clusters)
        {
            upstream["cluster." + cluster.Name] = Upstream(cluster.Sum(), buffered.Clusters.GetValueOrDefault(cluster.Name));
        }

        var checks = Table();
        foreach (AdminCluster cluster in source.Clusters)
        {
            if (upstream.TryGetValue("cluster." + cluster.Name, out var counters))
            {
                counters["request_pending_overflow"] = cluster.Counter("connection_overflows_total") + cluster.Counter("pending_overflows_total") + cluster.Counter("request_overflows_total");
                counters["request_retry_overflow"] = cluster.Counter("retry_overflows_total");
                counters["lb_subsets_created"] = cluster.Subsets;
            }

            if (cluster.CheckedService is { } service)
            {
                checks["service." + service] = Checks(cluster);
            }

            foreach (AdminHost host in cluster.Hosts)
            {
                upstream[$"cluster.{cluster.Name}.host.{host.Address}"] = Host(host);
            }
        }

        var all = source.Stats.Sum();
        var http2 = Table();
        http2["downstream"] = Http2Metrics.Group(all.Http2Downstream);
        http2["upstream"] = Http2Metrics.Group(all.Http2Upstream);
        var groups = new SortedDictionary<string, SortedDictionary<string, SortedDictionary<string, decimal>>>(StringComparer.Ordinal) { ["downstream"] = downstream, ["http2"] = http2, ["upstream"] = upstream };
        if (checks.Count > 0)
        {
            groups["healthcheck"] = checks;
        }

        return groups;
    }

    private static SortedDictionary<string, SortedDictionary<string, decimal>> Table() => new(StringComparer.Ordinal);

    // MOSN's names, with its spelling of the last one.
    private static SortedDictionary<string, decimal> Checks(AdminCluster cluster) => new(StringComparer.Ordinal)
    {
        ["attempt"] = cluster.Counter("checks_total"),
        ["success"] = cluster.Counter("checks_passed_total"),
        ["failure"] = cluster.Counter("checks_failed_total"),
        ["active_failure"] = cluster.Counter("checks_failed_total") - cluster.Counter("checks_timed_out_total"),
        ["network_failure"] = cluster.Counter("checks_timed_out_total"),
        ["passive_failure"] = 0,
        ["verify_cluster"] = 0,
        ["healty"] = cluster.Hosts.Count(static host => !host.HasFailedChecks),
    };

    private static SortedDictionary<string, decimal> Downstream(ListenerLoopStats stats, (long Read, long Written) buffered)
    {
        var counters = new SortedDictionary<string, decimal>(StringComparer.Ordinal)
        {
            ["bytes_read_buffered"] = buffered.Read,
            ["bytes_read_total"] = stats.BytesIn,
            ["bytes_write_buffered"] = buffered.Written,
            ["bytes_write_total"] = stats.BytesOut,
            ["connection_active"] = stats.ConnectionsActive,
            ["connection_destroy"] = stats.ConnectionsClosed,
            ["connection_total"] = stats.ConnectionsAccepted,
            ["process_time_max"] = stats.ProcessDuration.Max * NanosecondsPerMicrosecond,
            ["process_time_min"] = stats.ProcessDuration.Min * NanosecondsPerMicrosecond,
            ["process_time_total"] = stats.ProcessDuration.Sum * NanosecondsPerMicrosecond,
            ["request_active"] = stats.RequestsActive,
            ["request_failed"] = stats.RequestsFailed,
            ["request_other_code"] = stats.ResponsesOther,
            ["request_reset"] = stats.RequestsReset,
            ["request_time_max"] = stats.RequestDuration.Max * NanosecondsPerMicrosecond,
            ["request_time_min"] = stats.RequestDuration.Min * NanosecondsPerMicrosecond,
            ["request_time_total"] = stats.RequestDuration.Sum * NanosecondsPerMicrosecond,
            ["request_total"] = stats.RequestsTotal,
        };
        for (int i = 0; i < ListenerLoopStats.Statuses.Length; i++)
        {
            counters[$"request_{ListenerLoopStats.Statuses[i]}_total"] = stats.ResponsesAt(i);
        }

        return counters;
    }

    private static SortedDictionary<string, decimal> Upstream(ClusterLoopStats stats, (long Read, long Written) buffered)
    {
        var counters = Of(stats.Counts);
        counters["connection_active"] = stats.ConnectionsActive;
        counters["connection_bytes_read_buffered"] = buffered.Read;
        counters["connection_bytes_read_total"] = stats.BytesIn;
        counters["connection_bytes_write"] = stats.BytesOut;
        counters["connection_bytes_write_buffered"] = buffered.Written;
        counters["connection_close"] = stats.ConnectionsClosed;
        counters["connection_con_fail"] = stats.ConnectFailures;
        counters["connection_total"] = stats.ConnectionsTotal;
        counters["lb_subsets_created"] = 0;
        counters["lb_subsets_fallback"] = stats.Counts.SubsetFallbacks;
        counters["request_active"] = stats.RequestsActive;
        counters["request_retry"] = stats.Retries;
        counters["request_retry_overflow"] = 0;
        counters["request_timeout"] = stats.Timeouts;
        counters["request_total"] = stats.RequestsTotal;
        return counters;
    }

    private static SortedDictionary<string, decimal> Host(AdminHost host)
    {
        var counters = Of(host.Counts);
        counters["connection_active"] = host.Connections;
        counters["connection_close"] = host.ConnectionsTotal - host.Connections;
        counters["connection_con_fail"] = host.Failures;
        counters["connection_total"] = host.ConnectionsTotal;
        counters["request_active"] = host.Active;
        counters["request_timeout"] = host.Counts.Timeouts;
        counters["request_total"] = host.Total;
        return counters;
    }

    // What a cluster and a host have alike.
    private static SortedDictionary<string, decimal> Of(UpstreamCounts counts)
    {
        long now = Environment.TickCount64;
        return new(StringComparer.Ordinal)
        {
            ["connection_close_notify"] = counts.CloseNotices,
            ["connection_local_close"] = counts.LocalCloses,
            ["connection_local_close_with_active_request"] = counts.LocalClosesInUse,
            ["connection_remote_close"] = counts.RemoteCloses,
            ["connection_remote_close_with_active_request"] = counts.RemoteClosesInUse,
            ["connection_retry"] = counts.ConnectionRetries,
            ["request_duration_time_ewma"] = Rounded(counts.DurationRate.At(now)),
            ["request_duration_time_max"] = counts.DurationMax * NanosecondsPerMicrosecond,
            ["request_duration_time_min"] = counts.DurationMin * NanosecondsPerMicrosecond,
            ["request_duration_time_total"] = counts.DurationTotal * NanosecondsPerMicrosecond,
            ["request_failure_eject"] = counts.FailureEjects,
            ["request_local_reset"] = counts.LocalResets,
            ["request_pending_overflow"] = counts.Overflows,
            ["request_remote_reset"] = counts.RemoteResets,
            ["response_client_error_ewma"] = Rounded(counts.ClientErrorRate.At(now)),
            ["response_failed"] = counts.ResponsesFailed,
            ["response_server_error_ewma"] = Rounded(counts.ServerErrorRate.At(now)),
            ["response_success"] = counts.ResponsesSucceeded,
            ["response_total_ewma"] = Rounded(counts.ResponseRate.At(now)),
        };
    }

    private static decimal Rounded(double rate) => Math.Round((decimal)rate, 3);
}
