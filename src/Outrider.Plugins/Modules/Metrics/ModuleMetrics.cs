using Outrider.Proxy.Telemetry;

namespace Outrider.Plugins.Modules;

/// <summary>All metrics of all modules. One that a later configuration defines again, with the same labels, goes on counting. Any thread.</summary>
internal static class ModuleMetrics
{
    private static readonly Lock s_gate = new();
    private static readonly SortedDictionary<string, ModuleMetric> s_metrics = new(StringComparer.Ordinal);

    /// <summary>The metric of that name; null when there is one of the same name with other labels, or of another kind.</summary>
    internal static ModuleMetric? Define(ModuleMetricKind kind, string name, IReadOnlyList<string> labels)
    {
        // As they are shown: names that differ by a dot alone would be two families of one name.
        name = Shown(name);
        labels = [.. labels.Select(Shown)];
        lock (s_gate)
        {
            if (s_metrics.Count == 0)
            {
                ExtensionMetrics.Add(Write);
            }

            if (!s_metrics.TryGetValue(name, out var metric))
            {
                s_metrics.Add(name, metric = new ModuleMetric(kind, name, labels));
            }

            return metric.Kind == kind && metric.Labels.SequenceEqual(labels) ? metric : null;
        }
    }

    // What Prometheus takes; a name that begins with a digit gets one before it (a family's has a prefix anyway).
    private static string Shown(string name)
        => (name is [>= '0' and <= '9', ..] ? "_" : "") + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));

    private static void Write(PrometheusText text)
    {
        ModuleMetric[] metrics;
        lock (s_gate)
        {
            metrics = [.. s_metrics.Values];
        }

        foreach (var metric in metrics)
        {
            metric.Write(text);
        }
    }
}
