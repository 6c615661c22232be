using System.Net;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Security;
using Outrider.Telemetry;
using Outrider.Upstream.Breakers;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>
/// A connection to a host from the limits that allow it to its end, whatever it carries: at which of the host's addresses, by which TLS, with how much
/// patience, what is counted of it, and why it did not come about. A part of its holder, which is the transport's handler; no allocation, on the loop.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="loopStats">The loop's numbers.</param>
/// <param name="stats">The cluster's on this loop.</param>
internal struct HostConnection(UpstreamHost host, UpstreamLoopStats loopStats, ClusterLoopStats stats)
{
    private ConnectionPermits _permits;
    private EndPoint? _endPoint;
    private bool _isSecond;

    /// <summary>Did connecting take longer than allowed?</summary>
    internal bool TimedOut { get; private set; }

    /// <summary>Counts a connection that is about to be made, where the limits allow it.</summary>
    /// <param name="loop">The loop's number.</param>
    /// <param name="maxConnections">Connections to the host, on all loops; 0: any number.</param>
    /// <param name="breakers">The cluster's limits.</param>
    /// <returns>What there is too much of; <see cref="ConnectionLimitKind.None"/> when it is counted, and <see cref="Connect"/> follows.</returns>
    internal ConnectionLimitKind TryTake(int loop, int maxConnections, CircuitBreakers breakers)
    {
        // Each loop may always have one.
        bool isFirst = host.ConnectionsOn(loop) == 0;
        if (!host.TryAddConnection(maxConnections, isFirst))
        {
            return ConnectionLimitKind.Host;
        }

        var limit = _permits.TryTake(breakers, loopStats.PendingConnects, isFirst);
        if (limit != ConnectionLimitKind.None)
        {
            host.RemoveConnection();
        }

        return limit;
    }

    /// <summary>Starts to connect to the address that answered last.</summary>
    internal void Connect(Transport transport, in HostConnectOptions options)
    {
        _endPoint ??= host.On(transport.Loop.Index).Families.First(host);
        Count(transport).Open();
        transport.Connect(_endPoint, options.Tls?.ClientOptions(options.Tls.NameOf(host.Hostname, host.Name), options.TlsKey, options.Protocols), options.Timeout);
    }

    /// <summary>The transport's timer: it has taken too long.</summary>
    internal void TimeOut(Transport transport)
    {
        TimedOut = true;
        transport.Close();
    }

    /// <summary>The connection is there, its TLS agreed on.</summary>
    internal void Establish(Transport transport)
    {
        transport.Disarm();
        _permits.Establish();
        host.On(transport.Loop.Index).Families.OnConnected(host, _endPoint);
    }

    /// <summary>The transport is closed; counts it no more.</summary>
    /// <param name="transport">The transport.</param>
    /// <param name="error">0, or the errno of what ended it.</param>
    /// <param name="isUnused">Did it carry nothing?</param>
    /// <param name="byPeer">Did the peer close it, or the network?</param>
    /// <param name="inUse">With a request under way?</param>
    internal void Close(Transport transport, int error, bool isUnused, bool byPeer, bool inUse)
    {
        Count(transport).Close(isUnused && (error != 0 || TimedOut), byPeer, inUse);
        host.RemoveConnection();
        _permits.Return();
    }

    /// <summary>A connection to the host's other address in the place of this one, which has failed and is closed (RFC 8305 in spirit).</summary>
    /// <param name="transport">This one's transport.</param>
    /// <param name="error">0, or the errno of what ended it.</param>
    /// <param name="breakers">The cluster's limits, which it is over for a moment where others have come meanwhile.</param>
    /// <param name="second">What is counted already, and to be connected.</param>
    /// <returns>False where there is no other address, or the host was reached.</returns>
    internal readonly bool TrySecond(Transport transport, int error, CircuitBreakers breakers, out HostConnection second)
    {
        second = new HostConnection(host, loopStats, stats);
        if (_isSecond || error == 0 || TimedOut || transport.TlsFailure is not null
            || host.On(transport.Loop.Index).Families.Second(host, _endPoint) is not { } other)
        {
            return false;
        }

        _ = host.TryAddConnection(0, isFirst: true);
        second._permits.Take(breakers, loopStats.PendingConnects);
        second._endPoint = other;
        second._isSecond = true;
        return true;
    }

    /// <summary>Why it did not come about, for logs and clients.</summary>
    internal readonly string WhyNot(Transport transport, int error) => TimedOut
        ? "connect timeout"
        : "connect failed: " + (transport.TlsFailure is { } tls ? "TLS: " + tls : SocketErrors.Describe(error));

    private readonly ConnectionCounts Count(Transport transport) => new(host, transport.Loop.Index, loopStats, stats);
}
