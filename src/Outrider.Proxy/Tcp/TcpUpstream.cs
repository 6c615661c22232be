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
    private readonly ClusterLoopStats _stats;
    private readonly Cluster _cluster;
    private ActiveRequest _active;
    private HostConnection _way;
    private Transport _transport;
    private bool _isConnected, _ended;

    /// <summary>Starts to connect. The owner hears of it later, never from within this call.</summary>
    /// <param name="owner">Who hears of it.</param>
    /// <param name="loop">The session's loop.</param>
    /// <param name="stats">The cluster's numbers on the loop.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="host">The host.</param>
    /// <param name="way">The way to the host, which is counted already.</param>
    internal TcpUpstream(ITcpUpstreamOwner owner, EventLoop loop, ClusterLoopStats stats, Cluster cluster, UpstreamHost host, in HostConnection way)
    {
        _owner = owner;
        _stats = stats;
        _cluster = cluster;
        _way = way;
        Host = host;
        _active.Begin(host, loop, stats);
        _transport = Connect(loop);
    }

    internal UpstreamHost Host { get; }

    /// <inheritdoc/>
    public string ClusterName => _cluster.Name;

    /// <inheritdoc/>
    public override object? Owner => this;

    /// <summary>The connection.</summary>
    internal Transport Transport => _transport;

    /// <summary>Bytes on their way to the host that wait in the kernel.</summary>
    internal int WaitingForHost => _owner.WaitingForHost;

    internal PeerAddress LocalAddress => _transport.LocalAddress;

    /// <inheritdoc/>
    public override bool ReadsAfterWriteFailure => true;

    /// <summary>Bytes of the client's.</summary>
    internal void Write(ReadOnlySpan<byte> data)
    {
        _stats.BytesOut += data.Length;
        _transport.Write(data);
    }

    /// <summary>So many bytes went to the host, and so many came from it, without passing through here.</summary>
    internal void Count(long sent, long received)
    {
        _stats.BytesOut += sent;
        _stats.BytesIn += received;
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
        _isConnected = true;
        _way.Establish(_transport);
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
    public override void OnReadable() => _owner.OnReadable();

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
        if (_transport.HasWriteFailed)
        {
            // It was a reset, which the write that failed has been told of already (OnClosed).
            _transport.Close();
            return;
        }

        _ended = true;
        _owner.OnEndOfInput();
    }

    /// <inheritdoc/>
    public override void OnWriteBlocked() => _owner.OnBlocked();

    /// <inheritdoc/>
    public override void OnWritten() => _owner.OnUnblocked();

    /// <inheritdoc/>
    public override void OnTimer() => _way.TimeOut(_transport);

    /// <inheritdoc/>
    public override void OnCut() => _transport.Close();

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        error = error == 0 && _isConnected && _transport.HasWriteFailed ? SocketErrors.ConnectionReset : error;
        _way.Close(_transport, error, isUnused: !_isConnected, byPeer: error != 0 || _ended, inUse: _isConnected);
        if (!_isConnected && _way.TrySecond(_transport, error, _cluster.Breakers, out var second))
        {
            _way = second;
            _transport = Connect(_transport.Loop);
            return;
        }

        _active.End(Host, _transport.Loop.Index, _stats);
        if (_isConnected)
        {
            _owner.OnClosed(error);
            return;
        }

        if (error != 0 || _way.TimedOut)
        {
            _cluster.Outliers?.OnNoAnswer(Host, _transport.Loop.Index, _way.TimedOut);
        }

        _owner.OnFailed(_way.WhyNot(_transport, error), _way.TimedOut);
    }

    private Transport Connect(EventLoop loop)
    {
        var transport = new Transport(loop, this);
        _way.Connect(transport, new HostConnectOptions((int)_cluster.Configuration.ConnectTimeout.TotalMilliseconds, _cluster.Tls));
        return transport;
    }
}
