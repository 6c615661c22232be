namespace Outrider.Proxy.Telemetry;

/// <summary>What a metric is.</summary>
internal enum ExtensionMetricKind
{
    Counter,
    Gauge,
    Histogram,
}
