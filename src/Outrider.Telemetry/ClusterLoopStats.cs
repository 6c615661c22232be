namespace Outrider.Telemetry;

/// <summary>One loop's share of a cluster's counters. The loop alone writes; any thread may read.</summary>
internal sealed class ClusterLoopStats : PaddedCounters
{
    /// <summary>Requests that were sent to a host, each try of one.</summary>
    public long RequestsTotal;

    /// <summary>Requests that wait for their response.</summary>
    public long RequestsActive;

    /// <summary>Connections that were made.</summary>
    public long ConnectionsTotal;

    /// <summary>Connections that are open.</summary>
    public long ConnectionsActive;

    /// <summary>Connections that were closed.</summary>
    public long ConnectionsClosed;

    /// <summary>Connections that could not be made.</summary>
    public long ConnectFailures;

    /// <summary>Tries after the first one.</summary>
    public long Retries;

    /// <summary>Requests that took too long.</summary>
    public long Timeouts;

    /// <summary>Requests that the host broke off.</summary>
    public long Resets;

    /// <summary>Bytes received from hosts.</summary>
    public long BytesIn;

    /// <summary>Bytes sent to hosts.</summary>
    public long BytesOut;

#pragma warning disable CS0169 // Nobody reads it; it only takes up space (PaddedCounters says why it is here).
    private readonly CacheLinePad _after;
#pragma warning restore CS0169

    /// <summary>What MOSN tells apart of its connections and requests.</summary>
    public UpstreamCounts Counts { get; } = new();

    /// <summary>What requests took to the head of their response.</summary>
    public LatencyHistogram RequestDuration { get; } = new();

    /// <summary>Adds another loop's numbers to these, which nobody else writes.</summary>
    public void Add(ClusterLoopStats other)
    {
        RequestsTotal += other.RequestsTotal;
        RequestsActive += other.RequestsActive;
        ConnectionsTotal += other.ConnectionsTotal;
        ConnectionsActive += other.ConnectionsActive;
        ConnectionsClosed += other.ConnectionsClosed;
        ConnectFailures += other.ConnectFailures;
        Retries += other.Retries;
        Timeouts += other.Timeouts;
        Resets += other.Resets;
        BytesIn += other.BytesIn;
        BytesOut += other.BytesOut;
        Counts.Add(other.Counts, Environment.TickCount64);
        RequestDuration.Merge(other.RequestDuration);
    }
}
