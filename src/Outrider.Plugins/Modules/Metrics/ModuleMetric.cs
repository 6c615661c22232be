using System.Collections.Concurrent;
using System.Text;
using Outrider.Proxy.Telemetry;
using Outrider.Proxy.Upstream;

namespace Outrider.Plugins.Modules;

/// <summary>A counter, gauge or histogram that a module has defined, with a series for each combination of its labels' values. Any thread.</summary>
internal sealed class ModuleMetric(ModuleMetricKind kind, string name, IReadOnlyList<string> labels)
{
    // Labels come from requests: a module that takes one from a header must not fill the memory.
    private const int MostSeries = 10_000;

    private readonly ConcurrentDictionary<byte[], MetricSeries> _series = new(BytesComparer.Instance);
    private readonly MetricSeries _only = new(kind, []);

    internal ModuleMetricKind Kind => kind;

    internal string Name => name;

    internal IReadOnlyList<string> Labels => labels;

    /// <summary>The series of these labels' values, each ended by a 0; null when there are too many.</summary>
    internal MetricSeries? Series(ReadOnlySpan<byte> joined)
    {
        if (labels.Count == 0)
        {
            return _only;
        }

        if (_series.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(joined, out var series))
        {
            return series;
        }

        return _series.Count >= MostSeries ? null : _series.GetOrAdd(joined.ToArray(), static (key, k) => new MetricSeries(k, Split(key)), kind);
    }

    internal void Write(PrometheusText text)
    {
        string family = "outrider_module_" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));
        switch (kind)
        {
            case ModuleMetricKind.Counter:
                text.Counter(family + "_total", "A module's counter.");
                break;
            case ModuleMetricKind.Gauge:
                text.Gauge(family, "A module's gauge.");
                break;
            default:
                text.Histogram(family, "A module's histogram.");
                break;
        }

        foreach (var series in labels.Count == 0 ? [_only] : _series.Values)
        {
            series.Write(text, [.. labels.Zip(series.LabelValues)]);
        }
    }

    private static string[] Split(byte[] joined) => Encoding.UTF8.GetString(joined).Split('\0')[..^1];
}
