using Outrider.Filters;

namespace Outrider.Envoy.Metrics;

/// <summary>A counter in Envoy's statistics.</summary>
internal sealed class EnvoyCounter(EnvoyMetric metric) : FilterCounter
{
    public override void Add(long count, params ReadOnlySpan<string> labels)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        metric.Change(MetricChange.IncrementCounter, (ulong)count, labels);
    }
}
