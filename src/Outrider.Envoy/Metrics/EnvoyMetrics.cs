using Outrider.Filters;

namespace Outrider.Envoy.Metrics;

/// <summary>Makes metrics in Envoy's statistics, while a configuration loads.</summary>
/// <param name="configuration">Envoy's configuration object; Envoy owns it for as long as its streams live.</param>
internal sealed class EnvoyMetrics(nint configuration) : FilterMetrics
{
    public override FilterCounter CreateCounter(string name, params ReadOnlySpan<string> labels) => new EnvoyCounter(new EnvoyMetric(configuration, "counter", name, labels));

    public override FilterGauge CreateGauge(string name, params ReadOnlySpan<string> labels) => new EnvoyGauge(new EnvoyMetric(configuration, "gauge", name, labels));

    public override FilterHistogram CreateHistogram(string name, params ReadOnlySpan<string> labels) => new EnvoyHistogram(new EnvoyMetric(configuration, "histogram", name, labels));
}
