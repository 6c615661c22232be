using Outrider.Proxy.Telemetry;
using Outrider.Proxy.Upstream.Hosts;

namespace Outrider.Proxy.Upstream;

/// <summary>
/// A request that a host is at work on, as the host's counters and its cluster's see it: counted once, and given back once,
/// however it ends. A part of whoever sends it, which says the same host and counters both times: no allocation.
/// </summary>
internal struct ActiveRequest
{
    private bool _counted;

    internal void Begin(UpstreamHost host, int loop, ClusterLoopStats stats)
    {
        _counted = true;
        ref var counters = ref host.On(loop);
        counters.ActiveRequests++;
        counters.TotalRequests++;
        stats.RequestsTotal++;
        stats.RequestsActive++;
    }

    /// <summary>Counts it out; nothing where it was not counted, or no longer is.</summary>
    internal void End(UpstreamHost? host, int loop, ClusterLoopStats? stats)
    {
        if (_counted)
        {
            _counted = false;
            host!.On(loop).ActiveRequests--;
            stats!.RequestsActive--;
        }
    }
}
