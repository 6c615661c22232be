using System.Net;
using Outrider.Net.Addresses;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;
using Outrider.Upstream;
using Outrider.Upstream.Breakers;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Tcp;

/// <summary>A session's connection to a host: how it is made, at which of the host's addresses, and what is counted of it.</summary>
internal sealed class TcpUpstream : TransportHandler, IClusterConnection
{
    private readonly ITcpUpstreamOwner _owner;
    private readonly LoopStats _loopStats;
    private readonly ClusterLoopStats _stats;
    private readonly Cluster _cluster;
    private ActiveRequest _active;
    private ConnectionPermits _permits;
    private Transport _transport;
    private bool _isConnected, _timedOut, _ended, _isSecond;

    /// <summary>Starts to connect. The owner hears of it later, never from within this call.</summary>
    internal TcpUpstream(ITcpUpstreamOwner owner, EventLoop loop, LoopStats loopStats, ClusterLoopStats stats, Cluster cluster, UpstreamHost host, ConnectionPermits permits)
    {
        _owner = owner;
        _loopStats = loopStats;
        _stats = stats;
        _cluster = cluster;
        _permits = permits;
        Host = host;
        _active.Begin(host, loop, stats);
        _transport = Connect(loop, host.EndPoint);
    }

    internal UpstreamHost Host { get; }

    /// <inheritdoc/>
    public string ClusterName => _cluster.Name;

    /// <inheritdoc/>
    public override object? Owner => this;

    internal PeerAddress LocalAddress => _transport.LocalAddress;

    /// <inheritdoc/>
    public override bool ReadsAfterWriteFailure => true;

    /// <summary>Bytes of the client's.</summary>
    internal void Write(ReadOnlySpan<byte> data)
    {
        _stats.BytesOut += data.Length;
        _transport.Write(data);
    }

    /// <summary>What comes before the client's bytes.</summary>
    internal void WriteRaw(ReadOnlySpan<byte> data) => _transport.Write(data);

    /// <summary>The client has sent its last.</summary>
    internal void End() => _transport.ShutdownWhenWritten();

    internal void Pause()
    {
        if (!_ended)
        {
            _transport.PauseReading();
        }
    }

    internal void Resume() => _transport.ResumeReading();

    /// <summary>Both sides have sent their last: closes once everything has left.</summary>
    internal void Finish(int timeout)
    {
        _transport.Arm(timeout);
        _transport.CloseWhenWritten(drain: false);
    }

    /// <summary>The client's connection is closed.</summary>
    /// <param name="isReset">Not in an orderly way.</param>
    /// <param name="isDone">Both sides had sent their last: what waits still goes out.</param>
    internal void ClientClosed(bool isReset, bool isDone)
    {
        if (isDone && _isConnected)
        {
            return;
        }

        if (isReset && _isConnected)
        {
            _transport.Abort();
        }
        else
        {
            _transport.Close();
        }
    }

    /// <inheritdoc/>
    public override void OnConnected()
    {
        _transport.Disarm();
        _isConnected = true;
        _permits.Establish();
        _cluster.Outliers?.OnConnected(Host, _transport.Loop.Index);
        _owner.OnConnected();
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        _stats.BytesIn += data.Length;
        _owner.OnReceived(data);
        return data.Length;
    }

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
        _ended = true;
        _owner.OnEndOfInput();
    }

    /// <inheritdoc/>
    public override void OnWriteBlocked() => _owner.OnBlocked();

    /// <inheritdoc/>
    public override void OnWritten() => _owner.OnUnblocked();

    /// <inheritdoc/>
    public override void OnTimer()
    {
        _timedOut = true;
        _transport.Close();
    }

    /// <inheritdoc/>
    public override void OnCut() => _transport.Close();

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        new ConnectionCounts(Host, _transport.Loop.Index, _loopStats, _stats).Close(!_isConnected && (error != 0 || _timedOut), byPeer: error != 0 || _ended, inUse: _isConnected);
        if (_isConnected)
        {
            _permits.Return();
            _active.End(Host, _transport.Loop.Index, _stats);
            _owner.OnClosed(error);
            return;
        }

        if (!_isSecond && error != 0 && _transport.TlsFailure is null && Host.OtherEndPoint is { } other)
        {
            // The name's address of the other family (RFC 8305 in spirit).
            _isSecond = true;
            _transport = Connect(_transport.Loop, other);
            return;
        }

        _permits.Return();
        _active.End(Host, _transport.Loop.Index, _stats);
        if (error != 0 || _timedOut)
        {
            _cluster.Outliers?.OnNoAnswer(Host, _transport.Loop.Index, _timedOut);
        }

        string reason = _timedOut ? "connect timeout" : "connect failed: " + (_transport.TlsFailure is { } tls ? "TLS: " + tls : SocketErrors.Describe(error));
        _owner.OnFailed(reason, _timedOut);
    }

    private Transport Connect(EventLoop loop, EndPoint endPoint)
    {
        new ConnectionCounts(Host, loop.Index, _loopStats, _stats).Open();
        var transport = new Transport(loop, this);
        transport.Connect(endPoint, _cluster.Tls is { } tls ? tls.ClientOptions(tls.NameOf(Host.Hostname, Host.Name)) : null, (long)_cluster.Configuration.ConnectTimeout.TotalMilliseconds);
        return transport;
    }
}
