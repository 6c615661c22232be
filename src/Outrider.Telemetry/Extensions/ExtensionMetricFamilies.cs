namespace Outrider.Telemetry.Extensions;

/// <summary>The metrics of one kind of extension. One that a later configuration defines again, with the same labels, goes on counting. Any thread.</summary>
/// <param name="prefix">What the names of its families begin with.</param>
/// <param name="owner">Whose they are, for the help texts: <c>module</c>.</param>
internal sealed class ExtensionMetricFamilies(string prefix, string owner)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, ExtensionMetric> _metrics = new(StringComparer.Ordinal);

    /// <summary>The metric of that name; null when there is one of the same name with other labels, or of another kind.</summary>
    internal ExtensionMetric? Define(ExtensionMetricKind kind, string name, IReadOnlyList<string> labels)
    {
        string family = prefix + Shown(name);
        labels = [.. labels.Select(label => (label is [>= '0' and <= '9', ..] ? "_" : "") + Shown(label))];
        lock (_gate)
        {
            if (_metrics.Count == 0)
            {
                ExtensionMetrics.Add(Write);
            }

            if (!_metrics.TryGetValue(family, out var metric))
            {
                _metrics.Add(family, metric = new ExtensionMetric(kind, family, $"A {owner}'s {kind.ToString().ToLowerInvariant()}.", labels));
            }

            return metric.Kind == kind && metric.Labels.SequenceEqual(labels) ? metric : null;
        }
    }

    // What Prometheus takes; a label's name does not begin with a digit besides.
    private static string Shown(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_'));

    private void Write(PrometheusText text)
    {
        ExtensionMetric[] metrics;
        lock (_gate)
        {
            metrics = [.. _metrics.Values];
        }

        foreach (var metric in metrics)
        {
            metric.Write(text);
        }
    }
}
