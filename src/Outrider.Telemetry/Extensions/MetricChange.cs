namespace Outrider.Telemetry.Extensions;

/// <summary>What is done to a series of a metric.</summary>
internal enum MetricChange
{
    Add,
    Subtract,
    Set,
    Record,
}
