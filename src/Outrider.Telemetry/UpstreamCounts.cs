namespace Outrider.Telemetry;

/// <summary>
/// What one loop has counted of a cluster, or of one of its hosts, by the distinctions that MOSN makes. The loop alone writes; any thread may read.
/// </summary>
internal sealed class UpstreamCounts
{
    /// <summary>Connections that were closed by us, and those by the peer or by the network.</summary>
    public long LocalCloses, RemoteCloses;

    /// <summary>Those of them that had a request under way.</summary>
    public long LocalClosesInUse, RemoteClosesInUse;

    /// <summary>Connections that the peer has said it would close.</summary>
    public long CloseNotices;

    /// <summary>Connections that were made because one before them could not be.</summary>
    public long ConnectionRetries;

    /// <summary>Requests that we gave up, and those that the peer did.</summary>
    public long LocalResets, RemoteResets;

    /// <summary>Requests that failed with their connection.</summary>
    public long FailureEjects;

    /// <summary>Requests that took too long.</summary>
    public long Timeouts;

    /// <summary>Requests, connections and waits that a circuit breaker refused.</summary>
    public long Overflows;

    /// <summary>Requests for a subset that there is not, for which another had to do.</summary>
    public long SubsetFallbacks;

    /// <summary>Responses with a status below 500, and those with another.</summary>
    public long ResponsesSucceeded, ResponsesFailed;

    /// <summary>What requests took to the head of their response, in microseconds: all together, the least (0 before the first) and the most.</summary>
    public long DurationTotal, DurationMin, DurationMax;

    /// <summary>The same in nanoseconds, and responses: all, with a status of 400 to 499, of 500 and above; each as it is now.</summary>
    public MovingRate DurationRate, ResponseRate, ClientErrorRate, ServerErrorRate;

    /// <summary>A response's head has come. On the loop.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    public void CountResponse(int status, long now)
    {
        ResponseRate.Add(1, now);
        if (status >= 500)
        {
            ResponsesFailed++;
            ServerErrorRate.Add(1, now);
            return;
        }

        ResponsesSucceeded++;
        if (status >= 400)
        {
            ClientErrorRate.Add(1, now);
        }
    }

    /// <summary>A request was answered. On the loop.</summary>
    /// <param name="microseconds">How long that took.</param>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    public void Measure(long microseconds, long now)
    {
        DurationTotal += microseconds;
        DurationMax = Math.Max(DurationMax, microseconds);
        DurationMin = DurationMin == 0 ? Math.Max(1, microseconds) : Math.Min(DurationMin, Math.Max(1, microseconds));
        DurationRate.Add(microseconds * 1000.0, now);
    }

    /// <summary>A connection that had been made is closed. On the loop.</summary>
    /// <param name="byPeer">By the peer, or the network.</param>
    /// <param name="inUse">With a request under way.</param>
    public void CountClose(bool byPeer, bool inUse)
    {
        if (byPeer)
        {
            RemoteCloses++;
            RemoteClosesInUse += inUse ? 1 : 0;
        }
        else
        {
            LocalCloses++;
            LocalClosesInUse += inUse ? 1 : 0;
        }
    }

    /// <summary>Adds another loop's numbers to these, which nobody else writes; what moves is as it is at that moment.</summary>
    public void Add(UpstreamCounts other, long now)
    {
        LocalCloses += other.LocalCloses;
        RemoteCloses += other.RemoteCloses;
        LocalClosesInUse += other.LocalClosesInUse;
        RemoteClosesInUse += other.RemoteClosesInUse;
        CloseNotices += other.CloseNotices;
        ConnectionRetries += other.ConnectionRetries;
        LocalResets += other.LocalResets;
        RemoteResets += other.RemoteResets;
        FailureEjects += other.FailureEjects;
        Timeouts += other.Timeouts;
        Overflows += other.Overflows;
        SubsetFallbacks += other.SubsetFallbacks;
        ResponsesSucceeded += other.ResponsesSucceeded;
        ResponsesFailed += other.ResponsesFailed;
        DurationTotal += other.DurationTotal;
        DurationMin = DurationMin == 0 ? other.DurationMin : other.DurationMin == 0 ? DurationMin : Math.Min(DurationMin, other.DurationMin);
        DurationMax = Math.Max(DurationMax, other.DurationMax);
        DurationRate = MovingRate.Sum(DurationRate, other.DurationRate, now);
        ResponseRate = MovingRate.Sum(ResponseRate, other.ResponseRate, now);
        ClientErrorRate = MovingRate.Sum(ClientErrorRate, other.ClientErrorRate, now);
        ServerErrorRate = MovingRate.Sum(ServerErrorRate, other.ServerErrorRate, now);
    }
}
