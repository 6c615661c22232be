using Outrider.Configuration.Model;

namespace Outrider.Upstream.Breakers;

/// <summary>
/// The limits of one cluster: how much may be going on there on all loops together, so that a cluster that is slow does not take all that the proxy
/// has. Where there is no limit nothing is counted. Any thread.
/// </summary>
internal sealed class CircuitBreakers
{
    private readonly CircuitBreakersConfiguration _limits;

    /// <param name="limits">What the cluster says.</param>
    /// <param name="counts">What there is already; the same for all clusters of the name, one after the other.</param>
    public CircuitBreakers(CircuitBreakersConfiguration limits, BreakerCounts counts)
    {
        _limits = limits;
        Counts = counts;
    }

    /// <summary>What there is.</summary>
    public BreakerCounts Counts { get; }

    /// <summary>May a request wait for a connection beyond those that are limited?</summary>
    public bool MayWait => _limits.MaxPendingRequests > 0;

    /// <summary>Counts a connection that is about to be made. False: there are as many as there may be.</summary>
    /// <param name="permit">What counts it.</param>
    /// <param name="isFirst">It is the loop's only one to its host, which it may always have: or with fewer connections than loops some loops had none.</param>
    public bool TryConnection(ref Permit permit, bool isFirst)
    {
        if (permit.TryTake(Counts.Connections, _limits.MaxConnections))
        {
            return true;
        }

        if (isFirst)
        {
            permit.Take(Counts.Connections);
            return true;
        }

        Interlocked.Increment(ref Counts.ConnectionOverflows);
        return false;
    }

    /// <summary>Counts a request that is about to wait for a connection. False: as many wait as there may.</summary>
    public bool TryPending(ref Permit permit)
    {
        if (permit.TryTake(Counts.Pending, _limits.MaxPendingRequests))
        {
            return true;
        }

        Interlocked.Increment(ref Counts.PendingOverflows);
        return false;
    }

    /// <summary>Counts a request that begins. False: there are as many as there may be.</summary>
    public bool TryRequest(ref Permit permit)
    {
        if (permit.TryTake(Counts.Requests, _limits.MaxRequests))
        {
            return true;
        }

        Interlocked.Increment(ref Counts.RequestOverflows);
        return false;
    }

    /// <summary>Counts a try after a request's first. False: there are as many as there may be, by <c>max_retries</c> or by the budget.</summary>
    /// <param name="permit">What counts it.</param>
    /// <param name="isBudgeted">Was the host given work by the try before? Where it took no connection, another try is no storm.</param>
    /// <param name="active">Requests of the cluster that have not ended, on all loops.</param>
    public bool TryRetry(ref Permit permit, bool isBudgeted, long active)
    {
        permit.Return();
        long limit = _limits.MaxRetries > 0 ? _limits.MaxRetries : long.MaxValue;
        if (isBudgeted && (_limits.MaxRetries == 0 || _limits.HasBudget))
        {
            limit = Math.Min(limit, Math.Max(_limits.MinRetryConcurrency, (long)(active * _limits.RetryBudgetPercent / 100)));
        }

        if (limit > 0 && permit.TryTake(Counts.Retries, limit))
        {
            return true;
        }

        Interlocked.Increment(ref Counts.RetryOverflows);
        return false;
    }
}
