namespace Outrider.Modules.Abi;

/// <summary>What became of a call on a metric.</summary>
internal enum MetricsResult
{
    Success,
    MetricNotFound,
    InvalidLabels,
    Frozen,
}
