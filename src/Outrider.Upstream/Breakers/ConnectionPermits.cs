using Outrider.Telemetry;

namespace Outrider.Upstream.Breakers;

/// <summary>
/// What counts a connection to a host: its cluster, from its beginning to its end, and the process, while it is being made. A part of its holder: no allocation.
/// </summary>
internal struct ConnectionPermits
{
    private Permit _cluster;
    private PendingConnects? _pending;

    /// <summary>Counts a connection that is about to be made.</summary>
    /// <param name="breakers">The cluster's.</param>
    /// <param name="pending">The process's.</param>
    /// <param name="isFirst">It is the loop's only one to its host (<see cref="CircuitBreakers.TryConnection"/>).</param>
    /// <returns>What there is too much of; <see cref="ConnectionLimitKind.None"/> when it is counted.</returns>
    public ConnectionLimitKind TryTake(CircuitBreakers breakers, PendingConnects pending, bool isFirst)
    {
        if (!breakers.TryConnection(ref _cluster, isFirst))
        {
            return ConnectionLimitKind.Cluster;
        }

        if (!pending.TryBegin())
        {
            _cluster.Return();
            return ConnectionLimitKind.Process;
        }

        _pending = pending;
        return ConnectionLimitKind.None;
    }

    /// <summary>In a few words, for logs and clients.</summary>
    public static string Describe(ConnectionLimitKind limit) => limit switch
    {
        ConnectionLimitKind.Process => "too many connections to hosts are being made (max_pending_connects)",
        ConnectionLimitKind.Host => "there are too many connections to the host (max_connections)",
        _ => "there are too many connections (max_connections of circuit_breakers)",
    };

    /// <summary>Counts one in place of one that has just failed, however many there are.</summary>
    public void Take(CircuitBreakers breakers, PendingConnects pending)
    {
        _ = breakers.TryConnection(ref _cluster, isFirst: true);
        pending.Begin();
        _pending = pending;
    }

    /// <summary>The connection is there.</summary>
    public void Establish()
    {
        _pending?.End();
        _pending = null;
    }

    /// <summary>The connection is no more.</summary>
    public void Return()
    {
        Establish();
        _cluster.Return();
    }
}
