using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// <c>/stats</c>: counters under Envoy's names, <c>name: value</c> on a line each. <c>?filter=REGEX</c> for some, <c>?usedonly</c> for those that are not 0,
/// <c>?format=json</c>. Any thread.
/// </summary>
/// <param name="source">Where the counters are.</param>
internal sealed class EnvoyStatsHandler(IAdminSource source) : IAdminHandler
{
    // Envoy's names of what is kept here under MOSN's.
    private static readonly (string Mosn, string Envoy)[] s_listener =
    [
        ("connection_total", "listener.NAME.downstream_cx_total"), ("connection_active", "listener.NAME.downstream_cx_active"), ("connection_destroy", "listener.NAME.downstream_cx_destroy"),
        ("request_total", "http.NAME.downstream_rq_total"), ("request_active", "http.NAME.downstream_rq_active"), ("request_reset", "http.NAME.downstream_rq_rx_reset"),
        ("bytes_read_total", "http.NAME.downstream_cx_rx_bytes_total"), ("bytes_write_total", "http.NAME.downstream_cx_tx_bytes_total"),
    ];

    private static readonly (string Mosn, string Envoy)[] s_cluster =
    [
        ("connection_total", "cluster.NAME.upstream_cx_total"), ("connection_active", "cluster.NAME.upstream_cx_active"), ("connection_close", "cluster.NAME.upstream_cx_destroy"),
        ("connection_con_fail", "cluster.NAME.upstream_cx_connect_fail"), ("connection_bytes_read_total", "cluster.NAME.upstream_cx_rx_bytes_total"),
        ("connection_bytes_write", "cluster.NAME.upstream_cx_tx_bytes_total"), ("request_total", "cluster.NAME.upstream_rq_total"), ("request_active", "cluster.NAME.upstream_rq_active"),
        ("request_retry", "cluster.NAME.upstream_rq_retry"), ("request_timeout", "cluster.NAME.upstream_rq_timeout"), ("request_remote_reset", "cluster.NAME.upstream_rq_rx_reset"),
        ("response_failed", "cluster.NAME.upstream_rq_5xx"), ("request_pending_overflow", "cluster.NAME.upstream_rq_pending_overflow"), ("request_retry_overflow", "cluster.NAME.upstream_rq_retry_overflow"),
    ];

    /// <inheritdoc/>
    public string Path => "/stats";

    /// <inheritdoc/>
    public string Summary => "counters under Envoy's names; ?filter=REGEX, ?usedonly, ?format=json";

    /// <inheritdoc/>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        string format = request.Query.FirstOrDefault(one => one.Key == "format").Value ?? "";
        if (format is not ("" or "text" or "json"))
        {
            return AdminResponse.Text("wanted format=text or format=json; /metrics has Prometheus' format\n", 400);
        }

        Regex filter;
        try
        {
            filter = new Regex(request.Query.FirstOrDefault(one => one.Key == "filter").Value ?? "", RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return AdminResponse.Text($"Invalid re2 regex: {e.Message}\n", 400);
        }

        bool usedOnly = request.Query.Any(one => one.Key == "usedonly");
        var shown = (await CollectAsync().ConfigureAwait(false)).Where(stat => (!usedOnly || stat.Value != 0) && filter.IsMatch(stat.Key)).ToList();
        if (format == "json")
        {
            return AdminResponse.Json(writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("stats");
                foreach (var (name, value) in shown)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name", name);
                    writer.WriteNumber("value", value);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            });
        }

        var text = new StringBuilder();
        shown.ForEach(stat => text.Append(CultureInfo.InvariantCulture, $"{stat.Key}: {stat.Value}\n"));
        return AdminResponse.Text(text.ToString());
    }

    private static void Add(SortedDictionary<string, decimal> all, string name, SortedDictionary<string, decimal> counters, (string Mosn, string Envoy)[] names)
    {
        foreach (var (mosn, envoy) in names)
        {
            if (counters.TryGetValue(mosn, out decimal value))
            {
                all[envoy.Replace("NAME", name, StringComparison.Ordinal)] = value;
            }
        }
    }

    private async ValueTask<SortedDictionary<string, decimal>> CollectAsync()
    {
        var groups = await MosnStats.CollectAsync(source).ConfigureAwait(false);
        var all = new SortedDictionary<string, decimal>(StringComparer.Ordinal) { ["server.live"] = source.State == 6 ? 1 : 0 };
        foreach (var (group, counters) in groups["downstream"].Where(group => group.Key.StartsWith("listener.", StringComparison.Ordinal)))
        {
            Add(all, group["listener.".Length..], counters, s_listener);
        }

        foreach (var cluster in source.Clusters)
        {
            if (groups["upstream"].TryGetValue("cluster." + cluster.Name, out var counters))
            {
                Add(all, cluster.Name, counters, s_cluster);
            }

            all[$"cluster.{cluster.Name}.membership_total"] = cluster.Hosts.Count;
            all[$"cluster.{cluster.Name}.membership_healthy"] = cluster.Hosts.Count(static host => host is { HasFailedChecks: false, IsEjected: false });
        }

        return all;
    }
}
