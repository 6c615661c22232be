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
    private int _count;
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

        // What is not UTF-8 is shown with marks in its place: all that look alike are one series, or a scrape would have two of a name.
        byte[] shown = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(joined));
        if (_series.TryGetValue(shown, out series))
        {
            return series;
        }

        // Counted here: the dictionary would lock all of itself to say how large it is.
        if (Volatile.Read(ref _count) >= MostSeries)
        {
            return null;
        }

        series = new MetricSeries(kind, Split(shown));
        if (_series.TryAdd(shown, series))
        {
            _ = Interlocked.Increment(ref _count);
            return series;
        }

        return _series[shown];
    }

    internal void Write(PrometheusText text)
    {
        string family = "outrider_module_" + name;
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
