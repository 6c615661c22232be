using Outrider.Filters;

namespace Outrider.Samples.HealthChecker;

/// <summary>A host is taken out of service as long as a file of its address lies in a folder: <c>touch /run/drain/10.0.0.1:80</c>.</summary>
/// <param name="config">Where the folder is.</param>
[HealthChecker("drain-file")]
public sealed class FileHealthChecker(FileHealthCheckerConfig config) : IHealthChecker
{
    /// <inheritdoc/>
    public ValueTask<HealthCheckResult> CheckAsync(CheckedHost host, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(host);
        return new(File.Exists(Path.Combine(config.Folder, host.Address)) ? HealthCheckResult.Unhealthy("it is taken out of service") : HealthCheckResult.Healthy);
    }
}
