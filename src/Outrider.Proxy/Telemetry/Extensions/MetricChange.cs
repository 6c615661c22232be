namespace Outrider.Proxy.Telemetry;

/// <summary>What is done to a series of a metric.</summary>
internal enum MetricChange
{
    Add,
    Subtract,
    Set,
    Record,
}
