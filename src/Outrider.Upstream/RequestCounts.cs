using Outrider.Telemetry;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>What is counted of a request to a host and of its end, whoever sends it: in the host's numbers and in its cluster's. On the loop.</summary>
/// <param name="host">The host.</param>
/// <param name="loop">The loop's number.</param>
/// <param name="stats">The cluster's numbers on this loop.</param>
internal readonly ref struct RequestCounts(UpstreamHost host, int loop, ClusterLoopStats stats)
{
    private UpstreamCounts OfHost => host.On(loop).Counts ??= new UpstreamCounts();

    /// <summary>The head of its response has come.</summary>
    /// <param name="status">The status.</param>
    /// <param name="microseconds">How long that took.</param>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    /// <param name="closes">It says that the connection will be closed.</param>
    public void Answered(int status, long microseconds, long now, bool closes)
    {
        var own = OfHost;
        own.CloseNotices += closes ? 1 : 0;
        stats.Counts.CloseNotices += closes ? 1 : 0;
        own.CountResponse(status, now);
        own.Measure(microseconds, now);
        stats.Counts.CountResponse(status, now);
        stats.Counts.Measure(microseconds, now);
        stats.RequestDuration.Record(microseconds);
    }

    /// <summary>We give it up before it has ended.</summary>
    public void ResetHere()
    {
        OfHost.LocalResets++;
        stats.Counts.LocalResets++;
    }

    /// <summary>The peer has broken it off.</summary>
    /// <param name="alone">It, and not the connection.</param>
    public void ResetThere(bool alone)
    {
        stats.Resets++;
        if (alone)
        {
            OfHost.RemoteResets++;
            stats.Counts.RemoteResets++;
        }
        else
        {
            OfHost.FailureEjects++;
            stats.Counts.FailureEjects++;
        }
    }

    /// <summary>It has taken too long.</summary>
    public void TimedOut()
    {
        OfHost.Timeouts++;
        stats.Timeouts++;
    }

    /// <summary>A circuit breaker refuses it.</summary>
    public void Refused()
    {
        OfHost.Overflows++;
        stats.Counts.Overflows++;
    }

    /// <summary>It is tried on another connection, as there was none.</summary>
    public void RetriedToConnect()
    {
        OfHost.ConnectionRetries++;
        stats.Counts.ConnectionRetries++;
    }
}
