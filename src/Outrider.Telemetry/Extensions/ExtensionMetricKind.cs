namespace Outrider.Telemetry.Extensions;

/// <summary>What a metric is.</summary>
internal enum ExtensionMetricKind
{
    Counter,
    Gauge,
    Histogram,
}
