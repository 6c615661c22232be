using System.Diagnostics;
using Outrider.Net.Loops;
using Outrider.Telemetry;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>
/// A request that a host is at work on, as the host's counters and its cluster's see it: counted once, and given back once,
/// however it ends. A part of whoever sends it, which says the same host and counters both times: no allocation.
/// </summary>
internal struct ActiveRequest
{
    private long _sentAt;
    private bool _counted;

    /// <summary>What it has taken so far, in microseconds.</summary>
    /// <param name="timestamp">Now, as <see cref="Stopwatch"/> has it.</param>
    internal readonly double Microseconds(long timestamp) => Stopwatch.GetElapsedTime(_sentAt, timestamp).TotalMicroseconds;

    internal void Begin(UpstreamHost host, EventLoop on, ClusterLoopStats stats)
    {
        int loop = on.Index;
        _sentAt = on.Timestamp;
        _counted = true;
        host.RequestsOn(loop)++;
        host.On(loop).TotalRequests++;
        stats.RequestsTotal++;
        stats.RequestsActive++;
    }

    /// <summary>Counts it out; nothing where it was not counted, or no longer is.</summary>
    internal void End(UpstreamHost? host, int loop, ClusterLoopStats? stats)
    {
        if (_counted)
        {
            _counted = false;
            host!.RequestsOn(loop)--;
            stats!.RequestsActive--;
        }
    }
}
