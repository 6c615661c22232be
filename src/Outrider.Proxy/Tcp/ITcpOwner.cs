using Outrider.Net.Listening;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Tcp;

/// <summary>What TCP sessions ask of the listener's side on their loop. On the loop.</summary>
internal interface ITcpOwner : IConnectionOwner
{
    /// <summary>The loop's counters.</summary>
    LoopStats Stats { get; }

    /// <summary>The listener's counters on the loop.</summary>
    ListenerLoopStats ListenerStats { get; }

    /// <summary>The loop's random numbers.</summary>
    LoopRandom Random { get; }

    /// <summary>Is there an access log, for which addresses are to be kept?</summary>
    bool HasAccessLogs { get; }

    /// <summary>A cluster's counters on the loop.</summary>
    ClusterLoopStats ClusterStats(string cluster);

    /// <summary>A number for a session.</summary>
    long NextStreamId();

    /// <summary>A host could not be connected to.</summary>
    void OnConnectFailed(UpstreamHost host, string reason);

    /// <summary>A session has ended: its line in the access logs.</summary>
    void WriteAccessLog(IAccessLogSource source);
}
