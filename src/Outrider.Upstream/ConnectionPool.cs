using Outrider.Http.Streams;
using Outrider.Net.Loops;
using Outrider.Net.Timers;
using Outrider.Telemetry;
using Outrider.Upstream.Breakers;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream;

/// <summary>
/// The connections of one loop to one host, whatever they speak: exclusive ones, which carry one exchange at a time, and multiplexed ones.
/// Whoever asks gets a connection with a free slot, or waits. Nothing here is shared with other loops but the host's count of connections.
/// </summary>
internal sealed class ConnectionPool : LoopTimer
{
    private readonly UpstreamHost _host;
    private readonly UpstreamLoopStats _loopStats;
    private readonly WaitQueue _queue = new();
    private readonly WaitQueue _refused = new();
    private WaitQueue? _spareQueue;
    private CircuitBreakers _breakers;
    private ConnectionPoolOptions _options;
    private ExclusiveConnections _exclusive;
    private MultiplexedConnections _multiplexed = new();
    private ConnectionList _opening;
    private ClearTextVersion _version;
    private long _generation;
    private bool _retired, _agreesOnMultiplexed;

    internal ConnectionPool(EventLoop loop, UpstreamHost host, Cluster cluster, UpstreamLoopStats loopStats, ClusterLoopStats stats)
    {
        _generation = cluster.Generation;
        _loopStats = loopStats;
        Stats = stats;
        ClusterName = cluster.Name;
        Loop = loop;
        _host = host;
        _options = ConnectionPoolOptions.Of(cluster);
        _breakers = cluster.Breakers;
    }

    internal EventLoop Loop { get; }

    /// <summary>The name of the host's cluster.</summary>
    internal string ClusterName { get; }

    /// <summary>The counters of the host's cluster on this loop.</summary>
    internal ClusterLoopStats Stats { get; }

    /// <summary>Where connections of HTTP/2 count.</summary>
    internal MultiplexCounts Http2Counts => _loopStats.Http2Upstream;

    /// <summary>What the host may ask of memory and patience.</summary>
    internal UpstreamLimits Limits => _options.Limits;

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
        _breakers = cluster.Breakers;
        Configure(ConnectionPoolOptions.Of(cluster));
    }

    private void Configure(ConnectionPoolOptions options)
    {
        bool sameTls = options.Tls == _options.Tls;
        _options = options;
        if (!sameTls)
        {
            // Plain text where it should be TLS now, or trusted for reasons that no longer hold.
            _exclusive.Close();
            _multiplexed.Drain();
        }
    }

    /// <summary>A connection with a free slot, or null: then the waiter will be told.</summary>
    /// <param name="waiter">Who asks.</param>
    /// <param name="protocol">What may be spoken.</param>
    /// <param name="speaksHttp2">Did the request come by HTTP/2?</param>
    /// <param name="fresh">Not an exclusive one that has served before.</param>
    /// <param name="verify">Look, with a system call, whether an idle connection is still good: the request could not be sent twice.</param>
    /// <param name="wait">The waiter's place in the queue, to give it up. Made where there is none, and used again.</param>
    internal IUpstreamConnection? Acquire(IConnectionWaiter waiter, UpstreamProtocol protocol, bool speaksHttp2, bool fresh, bool verify, ref ConnectionWait? wait)
    {
        speaksHttp2 = speaksHttp2 && !(protocol.IsNegotiated && _options.Tls is null && _version.IsHttp1(Loop.Now));
        if (_multiplexed.Find(protocol, speaksHttp2) is { } shared)
        {
            return Use(shared);
        }

        if (!fresh && _exclusive.Take(Loop, protocol, speaksHttp2, verify) is { } idle)
        {
            return idle.Connection;
        }

        wait ??= new ConnectionWait(waiter);
        wait.Begin(protocol, speaksHttp2);
        if (wait.TryCount(_breakers))
        {
            Await(wait);
        }
        else
        {
            Refuse(wait, "too many requests wait for a connection (max_pending_requests)");
        }

        return null;
    }

    /// <summary>There will be no connection, and the waiter will be told in a moment: by the loop, and not within this call.</summary>
    internal void Refuse(IConnectionWaiter waiter, UpstreamProtocol protocol, string reason, ref ConnectionWait? wait)
    {
        wait ??= new ConnectionWait(waiter);
        wait.Begin(protocol, speaksHttp2: false);
        Refuse(wait, reason);
    }

    private void Refuse(ConnectionWait wait, string reason)
    {
        wait.Refusal = reason;
        if (_refused.First is null)
        {
            Loop.Post(static pool => ((ConnectionPool)pool!).TellRefused(), this);
        }

        _refused.Add(wait);
    }

    private void TellRefused()
    {
        while (_refused.Take() is { } wait)
        {
            wait.Fail(wait.Refusal!, ConnectionFailure.CircuitBreaker);
        }
    }

    /// <summary>The host is gone from the configuration: idle connections close now, busy ones when their exchanges end.</summary>
    internal void Retire()
    {
        _retired = true;
        _exclusive.Close();
        _multiplexed.Drain();
    }

    /// <summary>The host is sick: connections that rest close now, the others when their exchanges end. Whatever comes back to the pool closes while it is.</summary>
    internal void Shed()
    {
        _exclusive.Close();
        _multiplexed.Drain();
    }

    /// <summary>Closes the connections that rest.</summary>
    internal void CloseIdle()
    {
        _exclusive.Close();
        _multiplexed.CloseIdle();
    }

    /// <summary>The connection is established.</summary>
    internal void OnConnected(PooledConnection connection)
    {
        _opening.Remove(connection);
        if (connection.Protocol.IsNegotiated && connection.Origin is not null)
        {
            _agreesOnMultiplexed = connection.Codec!.IsMultiplexed;
        }

        if (connection.Codec!.IsMultiplexed)
        {
            _multiplexed.Add(connection);
        }

        while (connection.Connection!.FreeSlots > 0 && connection.Waits?.Take() is { } wait)
        {
            wait.Ready(connection.Connection);
        }

        // More have waited than it takes: it speaks something else than was expected.
        while (connection.Waits?.Take() is { } other)
        {
            Await(other);
        }

        _spareQueue = connection.TakeWaits() ?? _spareQueue;

        if (connection.Connection.FreeSlots > 0)
        {
            OnFreeSlots(connection);
        }
    }

    /// <summary>An exchange has ended, and the connection is good for another.</summary>
    internal void OnFreeSlots(PooledConnection connection)
    {
        var established = connection.Connection;
        if (established is null)
        {
            // It tells so while it is being made; it is asked in a moment.
            return;
        }

        bool multiplexed = connection.Codec!.IsMultiplexed;
        if (_retired || !_host.IsHealthy || connection.Origin != _options.Tls || IsSpent(established))
        {
            if (multiplexed)
            {
                _ = _multiplexed.Remove(connection);
            }

            established.Drain();
            return;
        }

        Serve(connection);
        if (established.ActiveExchanges > 0 || connection.Transport.IsClosed)
        {
            return;
        }

        if (!multiplexed)
        {
            _exclusive.Add(connection);
        }

        if (_options.IdleTimeout > 0)
        {
            established.Rest(_options.IdleTimeout);
        }
    }

    /// <summary>The host has not begun to speak what the connection was made for; it may speak the other version.</summary>
    internal void OnSpokeNever(PooledConnection connection, bool isCertain)
    {
        if (connection.Protocol.IsNegotiated && connection.SpeaksHttp2)
        {
            _version.OnNotHttp2(Loop.Now, isCertain);
        }
    }

    /// <summary>The peer has said that it will close the connection.</summary>
    internal void OnCloseNotice() => Counts.Notice();

    /// <summary>The peer takes no more exchanges on the connection.</summary>
    internal void OnDraining(PooledConnection connection)
    {
        _ = _multiplexed.Remove(connection);
        OpenForQueue();
    }

    /// <summary>The connection is closed, or never came about.</summary>
    internal void OnClosed(PooledConnection connection, int error)
    {
        connection.Way.Close(connection.Transport, error, connection.IsUnused, connection.WasClosedByPeer(error), connection.WasInUse);
        if (connection.Connection is null)
        {
            _opening.Remove(connection);
        }
        else if (connection.IsIdle)
        {
            _exclusive.Remove(connection);
        }
        else if (connection.Codec!.IsMultiplexed)
        {
            _ = _multiplexed.Remove(connection);
        }

        if (connection.TakeWaits() is { First: not null } waits)
        {
            TellOfFailure(connection, error, waits);
        }

        OpenForQueue();
    }

    /// <summary>Those that have waited for a connection to become free for as long as for a new one wait no more.</summary>
    protected override void OnTimer()
    {
        while (_queue.First is { } first && first.Until <= Loop.Now)
        {
            _queue.Remove(first);
            first.Fail($"no connection became free ({_options.MaxConnections} are allowed, max_connections)", ConnectionFailure.Overflow);
        }

        ArmQueue();
    }

    private void TellOfFailure(PooledConnection connection, int error, WaitQueue waits)
    {
        if (connection.Way.TrySecond(connection.Transport, error, _breakers, out var second))
        {
            Open(second, connection.Protocol, connection.SpeaksHttp2, waits);
            return;
        }

        string reason = connection.Way.WhyNot(connection.Transport, error);
        while (waits.Take() is { } wait)
        {
            wait.Fail(reason, connection.TimedOut ? ConnectionFailure.TimedOut : ConnectionFailure.Refused);
        }

        _spareQueue = waits;
    }

    /// <summary>Waits for a connection on its way, for a new one, or for one that becomes free.</summary>
    private void Await(ConnectionWait wait)
    {
        if (MayShare(wait))
        {
            for (var opening = _opening.First; opening is not null; opening = opening.Next)
            {
                if (opening.Protocol == wait.Protocol && opening.SpeaksHttp2 == wait.SpeaksHttp2 && opening.Waits!.Count < _options.Limits.MaxConcurrentExchanges)
                {
                    opening.Waits.Add(wait);
                    return;
                }
            }
        }

        if (MayOpen(out var way, out var limit))
        {
            Open(way, wait);
            return;
        }

        if (limit == ConnectionLimitKind.Process || (limit == ConnectionLimitKind.Cluster && !_breakers.MayWait))
        {
            // MOSN's answer at once; who may wait for a connection does so in the queue.
            Refuse(wait, ConnectionPermits.Describe(limit));
            return;
        }

        wait.Until = Loop.Now + _options.ConnectTimeout;
        _queue.Add(wait);
        ArmQueue();
    }

    // Is the connection that the request needs one that others can share?
    private bool MayShare(ConnectionWait wait) => _options.Tls is null || !wait.Protocol.IsNegotiated
        ? wait.Protocol.InPlainText(wait.SpeaksHttp2).IsMultiplexed
        : _agreesOnMultiplexed;

    private bool MayOpen(out HostConnection way, out ConnectionLimitKind limit)
    {
        way = new HostConnection(_host, _loopStats, Stats);
        limit = way.TryTake(Loop.Index, _options.MaxConnections, _breakers);
        return limit == ConnectionLimitKind.None;
    }

    private void Open(in HostConnection way, ConnectionWait first)
    {
        // Mostly one connection is on its way at a time, and its queue is used again.
        var waits = _spareQueue ?? new WaitQueue();
        _spareQueue = null;
        waits.Add(first);
        Open(way, first.Protocol, first.SpeaksHttp2, waits);
    }

    private void Open(in HostConnection way, UpstreamProtocol protocol, bool speaksHttp2, WaitQueue waits)
    {
        var connection = new PooledConnection(this, way, _options.Tls, protocol, speaksHttp2, waits);
        _opening.Add(connection);
        connection.Way.Connect(connection.Transport, new HostConnectOptions(_options.ConnectTimeout, _options.Tls, protocol.Key, protocol.Offered));
    }

    // Connections are rarely so few that somebody waits in the queue.
    private void OpenForQueue()
    {
        while (_queue.First is { } first && MayOpen(out var way, out _))
        {
            _queue.Remove(first);
            Open(way, first);
        }
    }

    /// <summary>Gives free slots to those in the queue who can use them.</summary>
    private void Serve(PooledConnection connection)
    {
        for (var wait = _queue.First; wait is not null && connection.Connection!.FreeSlots > 0;)
        {
            var next = wait.Next;
            if (connection.Origin is null ? connection.Codec == wait.Protocol.InPlainText(wait.SpeaksHttp2) : wait.Protocol.Speaks(connection.Codec!))
            {
                _queue.Remove(wait);
                wait.Ready(connection.Connection);
                // The waiter may have ended others.
                next = _queue.First;
            }

            wait = next;
        }
    }

    private IUpstreamConnection Use(PooledConnection connection)
    {
        var established = connection.Connection!;
        if (_options.MaxRequests > 0 && established.ExchangeCount + 1 >= _options.MaxRequests)
        {
            // This is its last; with the end of it the connection is asked to close.
            _ = _multiplexed.Remove(connection);
        }

        return established;
    }

    private ConnectionCounts Counts => new(_host, Loop.Index, _loopStats, Stats);

    private bool IsSpent(IUpstreamConnection connection) => _options.MaxRequests > 0 && connection.ExchangeCount >= _options.MaxRequests;

    private void ArmQueue()
    {
        if (_queue.First is { } first)
        {
            Loop.Arm(this, Math.Max(1, first.Until - Loop.Now));
        }
        else
        {
            EventLoop.Disarm(this);
        }
    }
}
