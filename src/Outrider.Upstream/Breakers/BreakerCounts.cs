namespace Outrider.Upstream.Breakers;

/// <summary>What the clusters of one name have of each thing that can be limited, on all loops. It stays when a new configuration has other limits.</summary>
internal sealed class BreakerCounts
{
    /// <summary>Connections to hosts.</summary>
    public SharedCount Connections { get; } = new();

    /// <summary>Requests that wait for a connection.</summary>
    public SharedCount Pending { get; } = new();

    /// <summary>Requests that have not ended.</summary>
    public SharedCount Requests { get; } = new();

    /// <summary>Tries after requests' first, that have not ended.</summary>
    public SharedCount Retries { get; } = new();

    /// <summary>Connections that were not made, requests that did not wait, requests that were not sent, and tries that were not made. Rare.</summary>
    public long ConnectionOverflows, PendingOverflows, RequestOverflows, RetryOverflows;
}
