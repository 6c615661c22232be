namespace Outrider.Filters;

/// <summary>
/// Finds out whether a host of a cluster is well. It is made once for each cluster that names it, and asked for each of the cluster's hosts at an interval: once for the
/// process, on threads that may wait, for different hosts at the same time. One that is disposable is disposed when the cluster goes.
/// </summary>
public interface IHealthChecker
{
    /// <summary>Checks a host once. One that throws has found it unwell.</summary>
    /// <param name="host">The host.</param>
    /// <param name="cancellation">Is cancelled when the check's <c>timeout</c> is over, or nobody wants to know any more.</param>
    /// <returns>What was found.</returns>
    ValueTask<HealthCheckResult> CheckAsync(CheckedHost host, CancellationToken cancellation);
}
