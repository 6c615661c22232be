using Outrider.Filters;

namespace Outrider.Samples.HealthChecker;

/// <summary>Says on standard error when a host becomes healthy or unhealthy.</summary>
[HealthCheck("health-journal")]
public sealed class HealthJournal : IHealthCheckCallback
{
    /// <inheritdoc/>
    public void OnChecked(HealthCheckEvent check)
    {
        ArgumentNullException.ThrowIfNull(check);
        if (check.IsChanged)
        {
            Console.Error.WriteLine($"{check.Host.Cluster} {check.Host.Address}: {(check.IsHealthy ? "healthy" : "unhealthy, " + check.Result.Reason)}");
        }
    }
}
