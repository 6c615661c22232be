namespace Outrider.Upstream.Checks;

/// <summary>What has come of a cluster's health checks. Any thread.</summary>
internal sealed class HealthCheckStats
{
    private long _attempts, _successes, _failures, _answered, _unanswered;

    /// <summary>Checks that were begun.</summary>
    public long Attempts => Volatile.Read(ref _attempts);

    /// <summary>Checks that were passed.</summary>
    public long Successes => Volatile.Read(ref _successes);

    /// <summary>Checks that were not.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Failures that were answers, or none at once (MOSN's <c>active_failure</c>).</summary>
    public long ActiveFailures => Volatile.Read(ref _answered);

    /// <summary>Failures by timeout (MOSN's <c>network_failure</c>).</summary>
    public long NetworkFailures => Volatile.Read(ref _unanswered);

    /// <summary>A check begins.</summary>
    public void Begin() => Interlocked.Increment(ref _attempts);

    /// <summary>A check has ended.</summary>
    public void End(bool isHealthy, bool timedOut)
    {
        _ = isHealthy ? Interlocked.Increment(ref _successes) : Interlocked.Increment(ref _failures);
        if (!isHealthy)
        {
            _ = timedOut ? Interlocked.Increment(ref _unanswered) : Interlocked.Increment(ref _answered);
        }
    }
}
