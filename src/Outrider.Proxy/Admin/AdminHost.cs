using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin;

/// <summary>A host of a cluster, as the admin API shows it.</summary>
/// <param name="Name">Its host name; may be empty.</param>
/// <param name="Address">Its address.</param>
/// <param name="IsHealthy">Whether requests may go there.</param>
/// <param name="Active">Requests that wait for its response.</param>
/// <param name="Total">Requests that were sent there.</param>
/// <param name="Failures">Connections to it that could not be made.</param>
internal sealed record AdminHost(string Name, string Address, bool IsHealthy, long Active, long Total, long Failures)
{
    /// <summary>Its weight.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Has it failed its health checks?</summary>
    public bool HasFailedChecks { get; init; }

    /// <summary>Is it ejected?</summary>
    public bool IsEjected { get; init; }

    /// <summary>What has made its health what it is.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Since when.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Connections that are open.</summary>
    public long Connections { get; init; }

    /// <summary>Connections so far.</summary>
    public long ConnectionsTotal { get; init; }

    /// <summary>What MOSN tells apart of its connections and requests.</summary>
    public UpstreamCounts Counts { get; init; } = new();

    /// <summary>What requests take to the head of the response: a moving average; 0 before the first.</summary>
    public double LatencyMilliseconds { get; init; }
}
