using Outrider.Filters;

namespace Outrider.Envoy.Metrics;

/// <summary>A histogram in Envoy's statistics.</summary>
internal sealed class EnvoyHistogram(EnvoyMetric metric) : FilterHistogram
{
    public override void Record(long value, params ReadOnlySpan<string> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        metric.Change(MetricChange.RecordHistogram, (ulong)value, labels);
    }
}
