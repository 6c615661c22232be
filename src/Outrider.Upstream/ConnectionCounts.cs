using Outrider.Telemetry;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>What is counted of a connection to a host, whoever makes it: in the host's numbers, its cluster's and the loop's. On the loop.</summary>
/// <param name="host">The host.</param>
/// <param name="loop">The loop's number.</param>
/// <param name="loopStats">The loop's numbers.</param>
/// <param name="stats">The cluster's on this loop.</param>
internal readonly ref struct ConnectionCounts(UpstreamHost host, int loop, UpstreamLoopStats loopStats, ClusterLoopStats stats)
{
    /// <summary>It is about to be made.</summary>
    public void Open()
    {
        host.ConnectionsOn(loop)++;
        host.On(loop).ConnectionsTotal++;
        loopStats.UpstreamConnects++;
        loopStats.UpstreamConnectionsActive++;
        stats.ConnectionsTotal++;
        stats.ConnectionsActive++;
    }

    private UpstreamCounts OfHost => host.On(loop).Counts ??= new UpstreamCounts();

    /// <summary>The peer has said that it will close it.</summary>
    public void Notice()
    {
        OfHost.CloseNotices++;
        stats.Counts.CloseNotices++;
    }

    /// <summary>It is closed.</summary>
    /// <param name="failed">It never came about, for a reason that is the host's.</param>
    /// <param name="byPeer">By the peer, or the network.</param>
    /// <param name="inUse">With a request under way.</param>
    public void Close(bool failed, bool byPeer, bool inUse)
    {
        host.ConnectionsOn(loop)--;
        loopStats.UpstreamConnectionsActive--;
        stats.ConnectionsActive--;
        stats.ConnectionsClosed++;
        if (failed)
        {
            host.On(loop).ConnectFailures++;
            stats.ConnectFailures++;
            loopStats.UpstreamConnectFailures++;
        }
        else
        {
            OfHost.CountClose(byPeer, inUse);
            stats.Counts.CountClose(byPeer, inUse);
        }
    }
}
