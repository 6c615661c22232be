using Outrider.Filters;

namespace Outrider.Telemetry.Extensions;

/// <summary>Makes the metrics of the filters of one type: <c>outrider_filter_TYPE_NAME</c>. They are of the process, and shared by all entries of that type.</summary>
internal sealed class NativeFilterMetrics(string type) : FilterMetrics
{
    private static readonly ExtensionMetricFamilies s_families = new("outrider_filter_", "filter");

    public override FilterCounter CreateCounter(string name, params ReadOnlySpan<string> labels) => new Counter(Define(ExtensionMetricKind.Counter, name, labels));

    public override FilterGauge CreateGauge(string name, params ReadOnlySpan<string> labels) => new Gauge(Define(ExtensionMetricKind.Gauge, name, labels));

    public override FilterHistogram CreateHistogram(string name, params ReadOnlySpan<string> labels) => new Histogram(Define(ExtensionMetricKind.Histogram, name, labels));

    private ExtensionMetric Define(ExtensionMetricKind kind, string name, ReadOnlySpan<string> labels)
    {
        ThrowIfNoName(name);
        foreach (string label in labels)
        {
            ThrowIfNoName(label);
        }

        return s_families.Define(kind, $"{type}_{name}", labels.ToArray())
            ?? throw new FilterConfigurationException($"the metric '{name}' is there already, as another kind or with other labels; it keeps them until the process ends");
    }

    private static void ThrowIfNoName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw new ArgumentException($"'{name}': the name of a metric or a label has letters, digits and underscores", nameof(name));
        }
    }

    private sealed class Counter(ExtensionMetric metric) : FilterCounter
    {
        public override void Add(long count, params ReadOnlySpan<string> labels)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            metric.Series(labels)?.Apply(MetricChange.Add, (ulong)count);
        }
    }

    private sealed class Gauge(ExtensionMetric metric) : FilterGauge
    {
        public override void Set(long value, params ReadOnlySpan<string> labels) => metric.Series(labels)?.Apply(MetricChange.Set, (ulong)value);

        public override void Add(long difference, params ReadOnlySpan<string> labels) => metric.Series(labels)?.Apply(MetricChange.Add, (ulong)difference);
    }

    private sealed class Histogram(ExtensionMetric metric) : FilterHistogram
    {
        public override void Record(long value, params ReadOnlySpan<string> labels)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            metric.Series(labels)?.Apply(MetricChange.Record, (ulong)value);
        }
    }
}
