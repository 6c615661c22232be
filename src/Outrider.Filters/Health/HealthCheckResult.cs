namespace Outrider.Filters;

/// <summary>What a health check has found.</summary>
public readonly record struct HealthCheckResult
{
    private HealthCheckResult(bool isHealthy, string reason)
    {
        IsHealthy = isHealthy;
        Reason = reason;
    }

    /// <summary>The host is well.</summary>
    public static HealthCheckResult Healthy { get; } = new(true, "");

    /// <summary>Is the host well? False for the default value.</summary>
    public bool IsHealthy { get; }

    /// <summary>What is wrong, in a few words, for the log; empty when nothing is.</summary>
    public string Reason { get; }

    /// <summary>The host is not well.</summary>
    /// <param name="reason">What is wrong, in a few words.</param>
    public static HealthCheckResult Unhealthy(string reason) => new(false, reason);
}
