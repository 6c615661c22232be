using Outrider.Filters;

namespace Outrider.Envoy.Metrics;

/// <summary>A gauge in Envoy's statistics.</summary>
internal sealed class EnvoyGauge(EnvoyMetric metric) : FilterGauge
{
    public override void Set(long value, params ReadOnlySpan<string> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        metric.Change(MetricChange.SetGauge, (ulong)value, labels);
    }

    public override void Add(long difference, params ReadOnlySpan<string> labels)
        => metric.Change(difference >= 0 ? MetricChange.IncrementGauge : MetricChange.DecrementGauge, (ulong)Math.Abs(difference), labels);
}
