using System.Runtime.InteropServices;

namespace Outrider.Proxy.Upstream.Hosts;

/// <summary>
/// What one loop keeps about one host. Its loop alone writes it; anybody may read the counters. The fields have a cache line
/// (64 bytes) of padding on either side, so that no loop's counting slows another's, and none that of the array's length.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
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
}
