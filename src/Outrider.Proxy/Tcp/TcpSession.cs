using System.Diagnostics;
using Outrider.Filters;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Upstream;
using Outrider.Upstream.Breakers;

namespace Outrider.Proxy.Tcp;

/// <summary>
/// A client's connection whose bytes go to an upstream host and back, as they are. Each side is read only as fast as the other takes
/// it: at most one read (64 KiB) waits for either. When one side has sent its last, the other is told, and goes on until it has, too.
/// </summary>
internal sealed class TcpSession : OwnedConnection, ITcpUpstreamOwner
{
    // What was sent may take so long to leave after the end, where nothing else limits it.
    private const int CloseTimeout = 30_000;

    private readonly TcpProxy _proxy;
    private readonly ITcpOwner _owner;
    private readonly bool _isTerminated, _awaitsAdmission;
    private TcpTries _tries;
    private TcpUpstream? _upstream;
    private TcpTraffic _traffic;
    private State _state;

    internal TcpSession(Transport transport, ITcpOwner owner, TcpProxy proxy, ConnectionOpening opening) : base(transport, owner)
    {
        _proxy = proxy;
        _owner = owner;
        _isTerminated = opening.IsTerminated;
        _awaitsAdmission = opening.AwaitsAdmission;
        _tries = new TcpTries(proxy.Configuration.MaxConnectAttempts);
        Record = new TcpRecord(owner.ListenerName, owner.NextStreamId(), opening.ServerName);
        _traffic = new TcpTraffic(Record, owner, proxy.Configuration.Splices);
    }

    [Flags]
    private enum State : byte
    {
        /// <summary>The host is connected.</summary>
        Connected = 1,

        /// <summary>The client has sent its last.</summary>
        ClientEnded = 2,

        /// <summary>The host has sent its last.</summary>
        HostEnded = 4,

        /// <summary>The client's connection is closed.</summary>
        ClientClosed = 8,

        /// <summary>The host's connection is closed, or there never will be one.</summary>
        HostClosed = 16,

        /// <summary>The session was counted as begun.</summary>
        Counted = 32,

        /// <summary>The session's line was written.</summary>
        Recorded = 64,

        /// <summary>The client has broken its connection.</summary>
        ClientReset = 128,
    }

    /// <summary>What the access log tells of it.</summary>
    internal TcpRecord Record { get; }

    /// <summary>Bytes on their way to the host that wait in the kernel between both connections.</summary>
    public int WaitingForHost => _traffic.WaitingForHost;

    /// <summary>Bytes on their way to the client that wait so.</summary>
    internal int WaitingForClient => _traffic.WaitingForClient;

    /// <inheritdoc/>
    public override bool ReadsAfterWriteFailure => true;

    /// <inheritdoc/>
    public override void OnConnected()
    {
        base.OnConnected();
        _state |= State.Counted;
        _owner.ListenerStats.TcpSessionsTotal++;
        _owner.ListenerStats.TcpSessionsActive++;
        if (!_isTerminated && !_awaitsAdmission)
        {
            Begin();
        }
    }

    /// <inheritdoc/>
    public override void OnAdmitted() => Begin();

    /// <inheritdoc/>
    public override void OnSecured()
    {
        base.OnSecured();
        Record.ServerName = Transport.Tls!.ServerName;
        if (!_awaitsAdmission)
        {
            Begin();
        }
    }

    /// <inheritdoc/>
    public override void OnTlsFailed(string reason)
    {
        base.OnTlsFailed(reason);
        Record.Fail(ResponseFlags.DownstreamProtocolError, reason);
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        _traffic.ToHost(data, Transport, _upstream!);
        return data.Length;
    }

    /// <inheritdoc/>
    public override void OnReadable() => _traffic.MoveToHost(Transport, _upstream!);

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
        if (Transport.HasWriteFailed)
        {
            // It was a reset, which the write that failed has been told of already.
            OnPeerReset();
            return;
        }

        _state |= State.ClientEnded;
        if ((_state & State.Connected) == 0)
        {
            // Of TLS: it ended before there was anything to do.
            Transport.Close();
            return;
        }

        _upstream!.End();
        FinishIfDone();
    }

    /// <inheritdoc/>
    public override void OnPeerReset()
    {
        _state |= State.ClientReset;
        Transport.Close();
    }

    /// <inheritdoc/>
    public override void OnWriteBlocked() => _upstream?.Pause();

    /// <inheritdoc/>
    public override void OnWritten()
    {
        if (_upstream is not null)
        {
            _traffic.ResumeToClient(Transport, _upstream);
        }
    }

    /// <inheritdoc/>
    public override void OnTimer()
    {
        long rest = _proxy.IdleTimeout - (Transport.Loop.Now - _traffic.LastMoved);
        if (rest > 0)
        {
            Transport.Arm(rest);
            return;
        }

        Record.Fail(ResponseFlags.StreamIdleTimeout, "idle timeout");
        _owner.Stats.ConnectionsIdleClosed++;
        Transport.Close();
    }

    /// <inheritdoc/>
    public override void OnCut()
    {
        Record.Fail(ResponseFlags.LocalReset, "the proxy stops");
        base.OnCut();
    }

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        _state |= State.ClientClosed;
        error = error == 0 && (_state & State.ClientReset) != 0 ? SocketErrors.ConnectionReset : error;
        if (error != 0 && (_state & (State.HostEnded | State.HostClosed)) == 0)
        {
            Record.Fail(ResponseFlags.DownstreamConnectionTermination, SocketErrors.Describe(error));
        }

        if (_upstream is null)
        {
            _state |= State.HostClosed;
        }
        else if ((_state & State.HostClosed) == 0)
        {
            _traffic.EndOfClient();
            _upstream.ClientClosed(isReset: error != 0, isDone: IsDone);
        }

        End();
        base.OnClosed(error);
    }

    void ITcpUpstreamOwner.OnConnected()
    {
        _state |= State.Connected;
        Record.Upstream(_upstream!, _owner.HasAccessLogs);
        if (_proxy.Configuration.ProxyProtocol != 0)
        {
            Span<byte> header = stackalloc byte[ProxyHeaderWriter.MaxLength];
            _upstream!.WriteRaw(header[..ProxyHeaderWriter.Write(_proxy.Configuration.ProxyProtocol, Transport.RemoteAddress, Transport.LocalAddress, header)]);
        }

        _traffic.Begin(Transport.Loop.Now);
        if (_proxy.IdleTimeout > 0)
        {
            Transport.Arm(_proxy.IdleTimeout);
        }

        Transport.ResumeReading();
    }

    void ITcpUpstreamOwner.OnReceived(ReadOnlySpan<byte> data) => _traffic.ToClient(data, Transport, _upstream!);

    void ITcpUpstreamOwner.OnReadable() => _traffic.MoveToClient(Transport, _upstream!);

    void ITcpUpstreamOwner.OnEndOfInput()
    {
        _state |= State.HostEnded;
        Transport.ShutdownWhenWritten();
        FinishIfDone();
    }

    void ITcpUpstreamOwner.OnBlocked()
    {
        if ((_state & State.ClientEnded) == 0)
        {
            Transport.PauseReading();
        }
    }

    void ITcpUpstreamOwner.OnUnblocked() => _traffic.ResumeToHost(Transport, _upstream!);

    void ITcpUpstreamOwner.OnFailed(string reason, bool timedOut)
    {
        Record.Upstream(_upstream!, keepsLocal: false);
        if ((_state & State.ClientClosed) != 0)
        {
            // Nobody wanted it any more.
            _state |= State.HostClosed;
            End();
            return;
        }

        _owner.OnConnectFailed(_upstream!.Host, reason);
        _upstream = null;
        Record.FailureReason = reason;
        if (!TryHost(Record.Cluster!))
        {
            Refuse(timedOut ? ResponseFlags.UpstreamRequestTimeout : ResponseFlags.UpstreamConnectionFailure, reason);
        }
    }

    void ITcpUpstreamOwner.OnClosed(int error)
    {
        _state |= State.HostClosed;
        _traffic.EndOfHost();
        if ((_state & State.ClientClosed) == 0 && !IsDone)
        {
            Record.Fail(ResponseFlags.UpstreamConnectionTermination, error == 0 ? "closed" : SocketErrors.Describe(error));
            if (error != 0 && !Transport.IsWriteBlocked)
            {
                // The client learns that something is missing.
                Transport.SendNow();
                Transport.Abort();
            }
            else
            {
                CloseClient();
            }
        }

        End();
    }

    private bool IsDone => (_state & (State.ClientEnded | State.HostEnded)) == (State.ClientEnded | State.HostEnded);

    private void Begin()
    {
        Transport.PauseReading();
        Record.Begin(Transport, _owner.HasAccessLogs);
        if (_proxy.Choose(Transport, _owner.Random) is not { } cluster)
        {
            Refuse(ResponseFlags.NoRouteFound, "no route");
            return;
        }

        Record.Cluster = cluster;
        if (!TryHost(cluster))
        {
            Refuse(ResponseFlags.NoHealthyUpstream, "no host");
        }
    }

    private bool TryHost(Cluster cluster)
    {
        if (_tries.Next(cluster, Transport, _owner.Random) is not { } host)
        {
            return false;
        }

        Record.Tries = _tries.Count;
        if (_tries.Count > 1)
        {
            new RequestCounts(host, Transport.Loop.Index, _owner.ClusterStats(cluster.Name)).RetriedToConnect();
        }

        var way = new HostConnection(host, _owner.Stats, _owner.ClusterStats(cluster.Name));
        var limit = way.TryTake(Transport.Loop.Index, cluster.Configuration.MaxConnections, cluster.Breakers);
        if (limit != ConnectionLimitKind.None)
        {
            if (limit == ConnectionLimitKind.Host && TryHost(cluster))
            {
                return true;
            }

            Refuse(ResponseFlags.UpstreamOverflow, "circuit breaker: " + ConnectionPermits.Describe(limit));
            return true;
        }

        _upstream = new TcpUpstream(this, Transport.Loop, _owner.ClusterStats(cluster.Name), cluster, host, way);
        return true;
    }

    private void Refuse(ResponseFlags flag, string reason)
    {
        Record.Fail(flag, reason);
        _owner.ListenerStats.TcpSessionsFailed++;
        Transport.Close();
    }

    private void FinishIfDone()
    {
        if (IsDone)
        {
            CloseClient();
            _upstream!.Finish(CloseTimeout);
        }
    }

    private void CloseClient()
    {
        Transport.Arm(CloseTimeout);
        Transport.CloseWhenWritten(drain: false);
    }

    // Once both sides are closed.
    private void End()
    {
        if ((_state & (State.ClientClosed | State.HostClosed | State.Recorded)) != (State.ClientClosed | State.HostClosed))
        {
            return;
        }

        _state |= State.Recorded;
        if ((_state & State.Counted) != 0)
        {
            _owner.ListenerStats.TcpSessionsActive--;
            Record.EndedAt = Stopwatch.GetTimestamp();
            _owner.WriteAccessLog(Record);
        }
    }
}
