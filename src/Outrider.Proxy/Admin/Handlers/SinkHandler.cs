using System.Globalization;
using System.Text;
using Outrider.Configuration.Model;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>
/// The page of a sink <c>prometheus</c>: what <c>/api/v1/stats</c> has, under MOSN's names and labels, without what <c>stats_matcher</c> excludes. Any thread.
/// </summary>
/// <param name="source">Where the counters are.</param>
/// <param name="metrics">What is excluded.</param>
/// <param name="sink">The sink.</param>
internal sealed class SinkHandler(IAdminSource source, MetricsConfiguration metrics, MetricsSinkConfiguration sink) : IAdminHandler
{
    private const long NanosecondsPerMicrosecond = 1000;

    /// <inheritdoc/>
    public string Path => sink.Path;

    /// <inheritdoc/>
    public string Summary => "counters for Prometheus under MOSN's names";

    /// <inheritdoc/>
    public async ValueTask<AdminResponse> HandleAsync(AdminRequest request)
    {
        var families = new SortedDictionary<string, (string Type, StringBuilder Samples)>(StringComparer.Ordinal);
        foreach (var (type, groups) in await MosnStats.CollectAsync(source).ConfigureAwait(false))
        {
            foreach (var (group, counters) in groups)
            {
                var labels = Labels(group);
                if (metrics.RejectAll || labels.Exists(label => metrics.ExcludedLabels.Contains(label.Name)))
                {
                    continue;
                }

                foreach (var (name, value) in counters.Where(counter => !IsExcluded(counter.Key)))
                {
                    Add(families, $"{type}_{name}", IsGauge(name) ? "gauge" : "counter", Text(labels), value);
                }
            }
        }

        foreach (var (name, labels, times) in metrics.RejectAll ? [] : Times().Where(time => !IsExcluded(time.Name[(time.Name.IndexOf('_', StringComparison.Ordinal) + 1)..])))
        {
            foreach (int percentile in sink.Percentiles.Where(_ => !metrics.ExcludedLabels.Contains(labels[0].Name)))
            {
                Add(families, name, "gauge", $"{Text(labels)},percentile=\"P{percentile}\"", times.Quantile(percentile / 100.0) * NanosecondsPerMicrosecond);
            }
        }

        return new AdminResponse(200, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(Write(families) + (sink.WithProcess ? Process() : "")));
    }

    // What MOSN makes a histogram of has names behind it, and is excluded by the histogram's.
    private bool IsExcluded(string name)
        => metrics.ExcludedKeys.Contains(name) || ((name.EndsWith("_max", StringComparison.Ordinal) || name.EndsWith("_min", StringComparison.Ordinal)) && metrics.ExcludedKeys.Contains(name[..^4]));

    private static bool IsGauge(string name) => name.EndsWith("_active", StringComparison.Ordinal) || name.EndsWith("_max", StringComparison.Ordinal) || name.EndsWith("_min", StringComparison.Ordinal)
        || name.EndsWith("_buffered", StringComparison.Ordinal) || name.EndsWith("_ewma", StringComparison.Ordinal) || name == "lb_subsets_created";

    private static void Add(SortedDictionary<string, (string Type, StringBuilder Samples)> families, string name, string type, string labels, decimal value)
    {
        // MOSN's flattening.
        name = name.Replace('-', '_').Replace('.', '_').Replace(' ', '_').Replace('=', '_');
        if (!families.TryGetValue(name, out var family))
        {
            families[name] = family = (type, new StringBuilder());
        }

        _ = family.Samples.Append(CultureInfo.InvariantCulture, $"{name}{{{labels}}} {value}\n");
    }

    private static string Write(SortedDictionary<string, (string Type, StringBuilder Samples)> families)
    {
        var text = new StringBuilder();
        foreach (var (name, (type, samples)) in families)
        {
            _ = text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n').Append(samples);
        }

        return text.ToString();
    }

    // listener.NAME, proxy.global, cluster.NAME, cluster.NAME.host.ADDRESS.
    private static List<(string Name, string Value)> Labels(string group)
    {
        int dot = group.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            return [("side", group)];
        }

        string name = group[..dot], value = group[(dot + 1)..];
        int host = name == "cluster" ? value.LastIndexOf(".host.", StringComparison.Ordinal) : -1;
        return host < 0 ? [(name, value)] : [(name, value[..host]), ("host", value[(host + ".host.".Length)..])];
    }

    private static string Text(List<(string Name, string Value)> labels)
        => string.Join(',', labels.Select(label => $"{label.Name}=\"{label.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\""));

    private IEnumerable<(string Name, List<(string Name, string Value)> Labels, LatencyHistogram Times)> Times()
    {
        var all = new ListenerLoopStats();
        foreach (var listener in source.Stats.Listeners)
        {
            var sum = listener.Sum();
            all.Add(sum);
            yield return ("downstream_request_time", [("listener", listener.Name)], sum.RequestDuration);
            yield return ("downstream_process_time", [("listener", listener.Name)], sum.ProcessDuration);
        }

        yield return ("downstream_request_time", [("proxy", "global")], all.RequestDuration);
        yield return ("downstream_process_time", [("proxy", "global")], all.ProcessDuration);
        foreach (var cluster in source.Stats.Clusters)
        {
            yield return ("upstream_request_duration_time", [("cluster", cluster.Name)], cluster.Sum().RequestDuration);
        }
    }

    // The names of Prometheus' own collectors, which MOSN has in its page.
    private static string Process()
    {
        var now = RuntimeMetrics.Read();
        return string.Create(CultureInfo.InvariantCulture, $"""
            # TYPE process_cpu_seconds_total counter
            process_cpu_seconds_total {now.ProcessorTime.TotalSeconds}
            # TYPE process_open_fds gauge
            process_open_fds {now.OpenFileDescriptors}
            # TYPE process_resident_memory_bytes gauge
            process_resident_memory_bytes {now.ResidentBytes}

            """);
    }
}
