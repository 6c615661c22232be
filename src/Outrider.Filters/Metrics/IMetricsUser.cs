namespace Outrider.Filters;

/// <summary>A typed configuration that keeps the metrics of its filters.</summary>
public interface IMetricsUser
{
    /// <summary>Called once when the configuration has been read and found valid: the only time at which metrics can be made.</summary>
    void CreateMetrics(FilterMetrics metrics);
}
