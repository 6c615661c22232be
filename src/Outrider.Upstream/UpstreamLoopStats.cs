using Outrider.Http.Streams;
using Outrider.Telemetry;

namespace Outrider.Upstream;

/// <summary>
/// What one loop has counted of its connections to upstreams. The loop alone writes, with plain additions; any thread may read, and sees each
/// number whole but not all of the same moment. Whoever derives from it counts more of the same loop.
/// </summary>
/// <param name="pendingConnects">The process's connections to hosts that are being made.</param>
internal abstract class UpstreamLoopStats(PendingConnects pendingConnects) : PaddedCounters
{
    /// <summary>Connections that were made.</summary>
    public long UpstreamConnects;

    /// <summary>Connections that had to wait for a descriptor, whatever came of them.</summary>
    public long UpstreamConnectsWaited;

    /// <summary>Connections that could not be made.</summary>
    public long UpstreamConnectFailures;

    /// <summary>Connections that are open.</summary>
    public long UpstreamConnectionsActive;

    /// <summary>Of connections that speak HTTP/2.</summary>
    public MultiplexCounts Http2Upstream { get; } = new();

    /// <summary>The process's connections to hosts that are being made.</summary>
    public PendingConnects PendingConnects => pendingConnects;

    /// <summary>Adds another loop's numbers to these, which nobody else writes.</summary>
    protected void AddUpstream(UpstreamLoopStats other)
    {
        UpstreamConnects += other.UpstreamConnects;
        UpstreamConnectsWaited += other.UpstreamConnectsWaited;
        UpstreamConnectFailures += other.UpstreamConnectFailures;
        UpstreamConnectionsActive += other.UpstreamConnectionsActive;
        Http2Upstream.Add(other.Http2Upstream);
    }
}
