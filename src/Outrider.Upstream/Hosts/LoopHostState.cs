using System.Runtime.InteropServices;
using Outrider.Telemetry;

namespace Outrider.Upstream.Hosts;

/// <summary>
/// What one loop keeps about one host. Its loop alone writes it; anybody may read the counters. The fields have a cache line
/// (64 bytes) of padding on either side, so that no loop's counting slows another's, and none that of the array's length.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct LoopHostState
{
    /// <summary>The loop's connection pool for the host; whoever makes pools sets it. Touched on the loop only.</summary>
    [FieldOffset(64)]
    public object? Pool;

    /// <summary>Requests in flight.</summary>
    [FieldOffset(72)]
    public long ActiveRequests;

    /// <summary>Requests so far, every try counted.</summary>
    [FieldOffset(80)]
    public long TotalRequests;

    /// <summary>Connections that are open.</summary>
    [FieldOffset(88)]
    public long ConnectionsActive;

    /// <summary>Connections so far.</summary>
    [FieldOffset(96)]
    public long ConnectionsTotal;

    /// <summary>Connections that could not be made.</summary>
    [FieldOffset(104)]
    public long ConnectFailures;

    /// <summary>Results of requests that count for ejection, good and bad.</summary>
    [FieldOffset(112)]
    public long Results;

    /// <summary>The bad ones of <see cref="Results"/>.</summary>
    [FieldOffset(120)]
    public long Failures;

    /// <summary>Results that are the network's and not the host's answers, good and bad, where they are counted apart.</summary>
    [FieldOffset(128)]
    public long LocalResults;

    /// <summary>The bad ones of <see cref="LocalResults"/>.</summary>
    [FieldOffset(136)]
    public long LocalFailures;

    /// <summary>What requests took from being sent to the head of the response, in microseconds, as a moving average; 0 before the first.</summary>
    [FieldOffset(144)]
    public double Latency;

    /// <summary>When <see cref="Latency"/> was last changed, in milliseconds of the loop's clock.</summary>
    [FieldOffset(152)]
    public long LatencyAt;

    /// <summary>What MOSN tells apart of its connections and requests; null before the first.</summary>
    [FieldOffset(160)]
    public UpstreamCounts? Counts;

    /// <summary>A request took so long: what is slower counts at once, what is faster little by little.</summary>
    /// <param name="microseconds">From being sent to the head of the response, or to the end of patience.</param>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    public void Measure(double microseconds, long now)
    {
        // Finagle's: after ten seconds a measurement counts 1/e.
        const double Decay = 10_000;
        if (microseconds >= Latency)
        {
            Latency = microseconds;
        }
        else
        {
            double kept = Math.Exp(-Math.Max(0, now - LatencyAt) / Decay);
            Latency = (Latency * kept) + (microseconds * (1 - kept));
        }

        LatencyAt = now;
    }
}
