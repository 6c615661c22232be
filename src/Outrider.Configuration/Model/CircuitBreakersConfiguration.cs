namespace Outrider.Configuration.Model;

/// <summary>How much may be going on in a cluster, on all loops together (<c>circuit_breakers</c>); 0, the default, is no limit, as in MOSN.</summary>
internal sealed record CircuitBreakersConfiguration
{
    /// <summary>Connections to all hosts, beyond the one to each that each loop may always have.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Requests that wait for a connection.</summary>
    public int MaxPendingRequests { get; init; }

    /// <summary>Requests that have not ended.</summary>
    public int MaxRequests { get; init; }

    /// <summary>Tries after requests' first.</summary>
    public int MaxRetries { get; init; }

    /// <summary>Does the configuration have a <c>retry_budget</c>? Then it holds beside <see cref="MaxRetries"/>.</summary>
    public bool HasBudget { get; init; }

    /// <summary>Per cent of the requests that have not ended, which may be tries after the first. Default 20.</summary>
    public double RetryBudgetPercent { get; init; } = 20;

    /// <summary>How many may always. Default 3.</summary>
    public int MinRetryConcurrency { get; init; } = 3;
}
