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

    /// <summary>Requests so far, every try counted.</summary>
    [FieldOffset(72)]
    public long TotalRequests;

    /// <summary>Connections so far.</summary>
    [FieldOffset(80)]
    public long ConnectionsTotal;

    /// <summary>Connections that could not be made.</summary>
    [FieldOffset(88)]
    public long ConnectFailures;

    /// <summary>Results of requests that count for ejection, good and bad.</summary>
    [FieldOffset(96)]
    public long Results;

    /// <summary>The bad ones of <see cref="Results"/>.</summary>
    [FieldOffset(104)]
    public long Failures;

    /// <summary>Results that are the network's and not the host's answers, good and bad, where they are counted apart.</summary>
    [FieldOffset(112)]
    public long LocalResults;

    /// <summary>The bad ones of <see cref="LocalResults"/>.</summary>
    [FieldOffset(120)]
    public long LocalFailures;

    /// <summary>What MOSN tells apart of its connections and requests; null before the first.</summary>
    [FieldOffset(128)]
    public UpstreamCounts? Counts;

    /// <summary>Which of its addresses answered last.</summary>
    [FieldOffset(136)]
    public AddressFamilies Families;
}
