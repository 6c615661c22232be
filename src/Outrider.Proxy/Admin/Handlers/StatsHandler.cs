using System.Globalization;
using System.Text.Json;
using Outrider.Proxy.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// <c>/api/v1/stats</c>: counters in the form and under the names of MOSN's console sink, as far as they are kept here; times in
/// nanoseconds. <c>?key=downstream.proxy.global</c> shows one group. Any thread.
/// </summary>
/// <param name="source">Where the counters are.</param>
internal sealed class StatsHandler(IAdminSource source) : IAdminHandler
{
    /// <inheritdoc/>
    public string Path => "/api/v1/stats";

    /// <inheritdoc/>
    public string Summary => "counters under MOSN's names; ?key=GROUP for one group";

    /// <inheritdoc/>
    public ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        if (request.Query.Count > 1)
        {
            return new(AdminResponse.Text("only support one parameter", 400));
        }

        SortedDictionary<string, SortedDictionary<string, SortedDictionary<string, long>>> all = Collect(source);
        if (request.Query.Count == 1)
        {
            string key = request.Query[0].Key == "key" ? request.Query[0].Value : "";
            string type = key.Split('.')[0];
            string group = key.Length > type.Length ? key[(type.Length + 1)..] : "";
            if (!all.TryGetValue(type, out var groups) || !groups.TryGetValue(group, out var counters))
            {
                return new(AdminResponse.Text("no metrics key: " + key));
            }

            all = new() { [type] = new() { [group] = counters } };
        }

        return new(AdminResponse.Json(writer => Write(writer, all), indent: "\t") with { ContentType = AdminResponse.PlainText });
    }

    private static void Write(Utf8JsonWriter writer, SortedDictionary<string, SortedDictionary<string, SortedDictionary<string, long>>> all)
    {
        writer.WriteStartObject();
        foreach ((string type, var groups) in all)
        {
            writer.WriteStartObject(type);
            foreach ((string group, var counters) in groups)
            {
                writer.WriteStartObject(group);
                foreach ((string name, long value) in counters)
                {
                    // MOSN writes numbers as strings.
                    writer.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
                }

                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>All of them: by type (<c>downstream</c>, <c>upstream</c>, <c>http2</c>), group and name.</summary>
    internal static SortedDictionary<string, SortedDictionary<string, SortedDictionary<string, long>>> Collect(IAdminSource source)
    {
        var downstream = new SortedDictionary<string, SortedDictionary<string, long>>(StringComparer.Ordinal);
        var global = new ListenerLoopStats();
        foreach (ListenerStats listener in source.Stats.Listeners)
        {
            ListenerLoopStats sum = listener.Sum();
            global.Add(sum);
            downstream["listener." + listener.Name] = Downstream(sum);
        }

        downstream["proxy.global"] = Downstream(global);
        var upstream = new SortedDictionary<string, SortedDictionary<string, long>>(StringComparer.Ordinal);
        foreach (ClusterStats cluster in source.Stats.Clusters)
        {
            upstream["cluster." + cluster.Name] = Upstream(cluster.Sum());
        }

        var checks = new SortedDictionary<string, SortedDictionary<string, long>>(StringComparer.Ordinal);
        foreach (AdminCluster cluster in source.Clusters)
        {
            if (upstream.TryGetValue("cluster." + cluster.Name, out var counters))
            {
                counters["request_pending_overflow"] = cluster.Counter("connection_overflows_total") + cluster.Counter("pending_overflows_total") + cluster.Counter("request_overflows_total");
                counters["request_retry_overflow"] = cluster.Counter("retry_overflows_total");
            }

            if (cluster.CheckedService is { } service)
            {
                checks["service." + service] = Checks(cluster);
            }

            foreach (AdminHost host in cluster.Hosts)
            {
                upstream[$"cluster.{cluster.Name}.host.{host.Address}"] = new(StringComparer.Ordinal)
                {
                    ["request_total"] = host.Total,
                    ["request_active"] = host.Active,
                    ["response_failed"] = host.Failures,
                };
            }
        }

        var all = source.Stats.Sum();
        var http2 = new SortedDictionary<string, SortedDictionary<string, long>>(StringComparer.Ordinal)
        {
            ["downstream"] = Http2Metrics.Group(all.Http2Downstream),
            ["upstream"] = Http2Metrics.Group(all.Http2Upstream),
        };
        var groups = new SortedDictionary<string, SortedDictionary<string, SortedDictionary<string, long>>>(StringComparer.Ordinal) { ["downstream"] = downstream, ["http2"] = http2, ["upstream"] = upstream };
        if (checks.Count > 0)
        {
            groups["healthcheck"] = checks;
        }

        return groups;
    }

    // MOSN's names, with its spelling of the last one.
    private static SortedDictionary<string, long> Checks(AdminCluster cluster) => new(StringComparer.Ordinal)
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

    private static SortedDictionary<string, long> Downstream(ListenerLoopStats stats)
    {
        const long NanosecondsPerMicrosecond = 1000;
        var counters = new SortedDictionary<string, long>(StringComparer.Ordinal)
        {
            ["bytes_read_total"] = stats.BytesIn,
            ["bytes_write_total"] = stats.BytesOut,
            ["connection_active"] = stats.ConnectionsActive,
            ["connection_destroy"] = stats.ConnectionsClosed,
            ["connection_total"] = stats.ConnectionsAccepted,
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

    private static SortedDictionary<string, long> Upstream(ClusterLoopStats stats) => new(StringComparer.Ordinal)
    {
        ["connection_active"] = stats.ConnectionsActive,
        ["connection_bytes_read_total"] = stats.BytesIn,
        ["connection_bytes_write"] = stats.BytesOut,
        ["connection_close"] = stats.ConnectionsClosed,
        ["connection_con_fail"] = stats.ConnectFailures,
        ["connection_total"] = stats.ConnectionsTotal,
        ["request_active"] = stats.RequestsActive,
        ["request_remote_reset"] = stats.Resets,
        ["request_retry"] = stats.Retries,
        ["request_timeout"] = stats.Timeouts,
        ["request_total"] = stats.RequestsTotal,
        ["response_failed"] = stats.Responses5xx,
        ["response_success"] = stats.ResponsesSucceeded,
    };
}
