using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Upstream.Checks;

/// <summary>How the hosts of one cluster are checked, and who hears of it.</summary>
/// <param name="Configuration">What the cluster says.</param>
/// <param name="Checker">Checks; goes with the cluster.</param>
/// <param name="Callbacks">Hear of each check.</param>
internal sealed record HealthCheckPlan(HealthCheckConfiguration Configuration, IHealthChecker Checker, IReadOnlyList<IHealthCheckCallback> Callbacks) : IDisposable
{
    /// <summary>What has come of the checks.</summary>
    public HealthCheckStats Stats { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => (Checker as IDisposable)?.Dispose();
}
