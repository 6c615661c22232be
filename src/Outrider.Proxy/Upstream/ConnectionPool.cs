using System.Net;
using Outrider.Http.Streams;
using Outrider.Http.V1.Client;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Proxy.Telemetry;

namespace Outrider.Proxy.Upstream;

/// <summary>
/// The connections of one loop to one host. The one used last is used next, so that a burst's surplus grows idle and
/// closes. Nothing here is shared with other loops.
/// </summary>
internal sealed class ConnectionPool : IClientOwner
{
    private readonly EventLoop _loop;
    private readonly UpstreamHost _host;
    private readonly LoopStats _loopStats;
    private ConnectionPoolOptions _options;
    private Http1ClientConnection? _idle;
    private AddressFamilies _families;
    private long _generation;
    private bool _retired;

    internal ConnectionPool(EventLoop loop, UpstreamHost host, Cluster cluster, LoopStats loopStats, ClusterLoopStats stats)
    {
        _generation = cluster.Generation;
        _loopStats = loopStats;
        Stats = stats;
        _loop = loop;
        _host = host;
        _options = ConnectionPoolOptions.Of(cluster);
    }

    /// <summary>The counters of the host's cluster on this loop.</summary>
    internal ClusterLoopStats Stats { get; }

    /// <summary>
    /// Takes the options of a cluster, if it is newer than the one that gave them last. Asked for by whoever is about to use the pool, so
    /// that no stream of a new configuration goes by the options of an old one.
    /// </summary>
    internal void Configure(Cluster cluster)
    {
        if (cluster.Generation <= _generation)
        {
            return;
        }

        _generation = cluster.Generation;
        // Whatever an older configuration has said of the host, a newer one has it.
        _retired = false;
        Configure(ConnectionPoolOptions.Of(cluster));
    }

    private void Configure(ConnectionPoolOptions options)
    {
        bool sameTls = options.Tls == _options.Tls;
        _options = options;
        if (!sameTls)
        {
            // Plain text where it should be TLS now, or trusted for reasons that no longer hold.
            CloseIdle();
        }
    }

    /// <summary>A connection that is ready, or null: then <paramref name="opening"/> is on its way, and the waiter will be told.</summary>
    /// <param name="waiter">Who asks.</param>
    /// <param name="fresh">Not one that has served before.</param>
    /// <param name="verify">Look, with a system call, whether an idle connection is still good: the request could not be sent twice.</param>
    /// <param name="opening">The connection on its way, for <see cref="Abandon"/>.</param>
    internal Http1ClientConnection? Acquire(IConnectionWaiter waiter, bool fresh, bool verify, out Http1ClientConnection? opening)
    {
        opening = null;
        while (!fresh && _idle is { } connection)
        {
            Unlink(connection);
            // What has lain in the socket for a while answers nobody: it must not become the answer to this request.
            if (connection.Transport.IsOpen && !connection.Transport.IsPeerShutdown && ((!verify && _loop.HasLookedLately) || connection.IsAlive()))
            {
                return connection;
            }

            connection.Transport.Close();
        }

        opening = Open(waiter, _families.First(_host));
        return null;
    }

    /// <summary>The waiter no longer wants a connection. The one on its way goes to the pool when it arrives.</summary>
    internal static void Abandon(Http1ClientConnection connection) => connection.Waiter = null;

    /// <summary>The host is gone from the configuration: idle connections close now, busy ones when their exchange ends.</summary>
    internal void Retire()
    {
        _retired = true;
        CloseIdle();
    }

    private Http1ClientConnection Open(IConnectionWaiter waiter, EndPoint endPoint)
    {
        ref var state = ref _host.On(_loop.Index);
        state.ConnectionsActive++;
        state.ConnectionsTotal++;
        _loopStats.UpstreamConnects++;
        _loopStats.UpstreamConnectionsActive++;
        Stats.ConnectionsTotal++;
        Stats.ConnectionsActive++;
        return new Http1ClientConnection(_loop, this, endPoint, _options.Limits, _options.ConnectTimeout, _options.Tls?.ClientOptions(_options.Tls.NameOf(_host.Hostname, _host.Name)))
        {
            Waiter = waiter,
            Origin = _options.Tls,
            EndPoint = endPoint,
        };
    }

    /// <summary>Closes the connections that rest.</summary>
    internal void CloseIdle()
    {
        while (_idle is { } connection)
        {
            Unlink(connection);
            connection.Transport.Close();
        }
    }

    public void OnConnected(Http1ClientConnection connection)
    {
        _families.OnConnected(_host, connection.EndPoint);
        if (connection.Waiter is IConnectionWaiter waiter)
        {
            connection.Waiter = null;
            waiter.OnConnectionReady(connection);
        }
        else
        {
            OnReusable(connection);
        }
    }

    public void OnReusable(Http1ClientConnection connection)
    {
        if (_retired || connection.Origin != _options.Tls || (_options.MaxRequests > 0 && connection.RequestCount >= _options.MaxRequests))
        {
            connection.Transport.Close();
            return;
        }

        connection.IsPooled = true;
        connection.PreviousIdle = null;
        connection.NextIdle = _idle;
        if (_idle is not null)
        {
            _idle.PreviousIdle = connection;
        }

        _idle = connection;
        if (_options.IdleTimeout > 0)
        {
            connection.Rest(_options.IdleTimeout);
        }
    }

    public void OnClosed(Http1ClientConnection connection, int error)
    {
        ref var state = ref _host.On(_loop.Index);
        state.ConnectionsActive--;
        _loopStats.UpstreamConnectionsActive--;
        Stats.ConnectionsActive--;
        Stats.ConnectionsClosed++;
        if (connection.IsPooled)
        {
            Unlink(connection);
        }

        if (connection.RequestCount == 0 && (error != 0 || connection.ConnectTimedOut))
        {
            state.ConnectFailures++;
            Stats.ConnectFailures++;
            _loopStats.UpstreamConnectFailures++;
        }

        if (connection.Waiter is IConnectionWaiter waiter)
        {
            connection.Waiter = null;
            if (connection.Transport.TlsFailure is null && _families.Second(_host, connection.EndPoint) is { } other)
            {
                waiter.OnConnectionReplaced(Open(waiter, other));
                return;
            }

            waiter.OnConnectionFailed(
                connection.ConnectTimedOut ? "connect timeout" : "connect failed: " + (connection.Transport.TlsFailure is { } tls ? "TLS: " + tls : SocketErrors.Describe(error)),
                connection.ConnectTimedOut);
        }
    }

    private void Unlink(Http1ClientConnection connection)
    {
        connection.IsPooled = false;
        if (connection.PreviousIdle is not null)
        {
            connection.PreviousIdle.NextIdle = connection.NextIdle;
        }
        else
        {
            _idle = connection.NextIdle;
        }

        if (connection.NextIdle is not null)
        {
            connection.NextIdle.PreviousIdle = connection.PreviousIdle;
        }

        connection.NextIdle = connection.PreviousIdle = null;
    }
}
