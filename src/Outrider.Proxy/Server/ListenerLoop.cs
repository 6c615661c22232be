using System.Diagnostics;
using System.Globalization;
using Outrider.Filters;
using Outrider.Http;
using Outrider.Http.V1;
using Outrider.Net;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Streams;
using Outrider.Proxy.Telemetry;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>
/// One listener on one loop: its connections, its streams (used and waiting to be used), and the configuration that new
/// streams get. Everything here belongs to the loop.
/// </summary>
internal sealed class ListenerLoop : IServerHandler
{
    // Streams that rest with their buffers, about 8 KiB each; a burst's surplus goes to the garbage collector.
    private const int MostFreeStreams = 1024;

    private readonly ProxyRuntime _runtime;
    private readonly byte[] _date = new byte[29];
    private readonly ListenerLoopStats _listenerStats;
    private AccessLogWriter[] _accessLogs = [];
    private Net.Listener? _listener;
    private ListenerSnapshot _snapshot;
    private FilterUse _filters = null!;
    private Http1ServerConnection? _connections;
    private ProxyStream? _freeStreams;
    private int _freeCount;
    private long _dateSecond = -1;

    internal ListenerLoop(ProxyRuntime runtime, EventLoop loop, ListenerSnapshot snapshot)
    {
        _runtime = runtime;
        Loop = loop;
        Stats = runtime.Stats[loop.Index];
        _listenerStats = runtime.Stats.Listener(snapshot.Configuration.Name)[loop.Index];
        Random = LoopRandom.Create();
        _snapshot = snapshot;
        Forwarding = null!;
        Apply(snapshot);
    }

    internal EventLoop Loop { get; }

    internal LoopStats Stats { get; }

    internal LoopRandom Random { get; }

    internal ForwardingHeaders Forwarding { get; private set; }

    internal string Name => _snapshot.Configuration.Name;

    internal int MaxBufferedBody => _snapshot.Configuration.Proxy.Limits.MaxBufferedBodySize;

    internal int FilterTimeout => (int)_snapshot.Configuration.Proxy.Limits.FilterTimeout.TotalMilliseconds;

    internal int SendTimeout => _snapshot.Limits.SendTimeout;

    /// <inheritdoc/>
    public HttpLimits Limits => _snapshot.Limits;

    /// <inheritdoc/>
    public int ReadSize => _snapshot.Configuration.ReadBufferSize;

    /// <inheritdoc/>
    public bool IsDraining { get; private set; }

    /// <summary>Connections that are open now.</summary>
    internal int ConnectionCount { get; private set; }

    /// <summary>Starts to accept.</summary>
    internal void Start(int descriptor)
        => _listener = Net.Listener.Start(Loop, descriptor, (loop, peer) => new Http1ServerConnection(loop, this, peer, _snapshot.Tls), _runtime.OnAcceptFailed);

    /// <summary>Takes another configuration; streams that run keep theirs.</summary>
    internal void Apply(ListenerSnapshot snapshot)
    {
        var before = _filters;
        _filters = new FilterUse(snapshot.Filters);
        before?.Retire();
        _snapshot = snapshot;
        var limits = snapshot.Configuration.Proxy.Limits;
        Forwarding = new ForwardingHeaders(limits.XForwardedFor, limits.GenerateRequestId, Random);
        _freeStreams = null;
        _freeCount = 0;
        foreach (var log in _accessLogs)
        {
            log.Close();
        }

        _accessLogs = [.. snapshot.AccessLogs.Where(log => log.File is not null).Select(log => new AccessLogWriter(log.Format, log.File!.OpenLane()))];
    }

    /// <summary>Stops accepting, after what is in the kernel's queue; connections end with the response at hand, idle ones now.</summary>
    internal void Drain()
    {
        IsDraining = true;
        for (var connection = _connections; connection is not null; connection = connection.NextInList)
        {
            connection.CloseIfIdle();
        }

        // After that, because what comes out of the kernel's queue now mostly has a request with it that waits to be read.
        _listener?.Stop();
        _listener = null;
        RetireIfDone();
    }

    /// <summary>Closes what is still open.</summary>
    internal void CloseAll()
    {
        for (var connection = _connections; connection is not null; connection = connection.NextInList)
        {
            connection.Close();
        }
    }

    // The loop's streams are counted over all of its listeners.
    internal long NextStreamId() => ((long)Loop.Index << 48) | (Stats.StreamsTotal + 1);

    /// <summary>The value of <c>Date</c> now (RFC 9110 §6.6.1); made once a second.</summary>
    internal ReadOnlySpan<byte> DateValue()
    {
        long second = Loop.Now / 1000;
        if (second != _dateSecond)
        {
            _dateSecond = second;
            _ = DateTime.UtcNow.TryFormat(_date, out _, "r", CultureInfo.InvariantCulture);
        }

        return _date;
    }

    /// <summary>This loop's connections to a host.</summary>
    internal ConnectionPool PoolFor(UpstreamHost host, Cluster cluster)
    {
        ref var state = ref host.On(Loop.Index);
        return (ConnectionPool?)state.Pool ?? NewPool(ref state, host, cluster);
    }

    internal void OnStreamBegan(ProxyStream stream)
    {
        Stats.StreamsTotal++;
        Stats.StreamsActive++;
        _listenerStats.RequestsTotal++;
        _listenerStats.RequestsActive++;
    }

    internal void OnStreamEnded(ProxyStream stream)
    {
        int status = stream.ResponseCode;
        var duration = Stopwatch.GetElapsedTime(stream.StartedAt, stream.EndedAt);
        Stats.StreamsActive--;
        Stats.CountResponse(status);
        Stats.BytesIn += stream.BytesIn;
        Stats.BytesOut += stream.BytesOut;
        Stats.RequestDuration.Record(duration);
        _listenerStats.RequestsActive--;
        _listenerStats.CountResponse(status);
        _listenerStats.BytesIn += stream.BytesIn;
        _listenerStats.BytesOut += stream.BytesOut;
        _listenerStats.RequestDuration.Record(duration);
        if (stream.WasCutOff)
        {
            Stats.Resets++;
            _listenerStats.RequestsReset++;
        }

        if (stream.Flags != ResponseFlags.None)
        {
            _listenerStats.RequestsFailed++;
        }

        foreach (var log in _accessLogs)
        {
            log.Write(stream.Context);
        }
    }

    internal void OnConnectFailed(UpstreamHost host, string reason)
    {
        Log(StreamLogLevel.Warn, null, $"upstream {host}: {reason}");
    }

    internal void OnFilterError(ProxyStream stream, string filter, Exception e)
    {
        Stats.FilterErrors++;
        Log(StreamLogLevel.Error, stream, $"filter '{filter}' on listener '{Name}': {e}");
    }

    /// <summary>Is there an access log, or a filter, that may ask for addresses after the connections are gone?</summary>
    internal bool HasAccessLogs => _accessLogs.Length > 0;

    internal bool IsLogged(StreamLogLevel level) => _runtime.Log.IsEnabled(level);

    internal void Log(StreamLogLevel level, ProxyStream? stream, string message)
    {
        if (_runtime.Log.IsEnabled(level))
        {
            _runtime.Log.Write(level, stream is null ? message : string.Create(CultureInfo.InvariantCulture, $"[{stream.Id:x}] {message}"));
        }
    }

    /// <inheritdoc/>
    public void OnConnectionOpened(IServerConnection connection)
    {
        var opened = (Http1ServerConnection)connection;
        opened.NextInList = _connections;
        if (_connections is not null)
        {
            _connections.PreviousInList = opened;
        }

        _connections = opened;
        ConnectionCount++;
        Stats.ConnectionsAccepted++;
        Stats.ConnectionsActive++;
        _listenerStats.ConnectionsAccepted++;
        _listenerStats.ConnectionsActive++;
    }

    /// <inheritdoc/>
    public void OnSecured(IServerConnection connection)
    {
        Stats.TlsHandshakes++;
        _listenerStats.TlsHandshakes++;
        if (connection.Tls!.IsResumed)
        {
            Stats.TlsResumptions++;
            _listenerStats.TlsResumptions++;
        }
    }

    /// <inheritdoc/>
    public void OnTlsFailed(IServerConnection connection, string reason)
    {
        bool secured = connection.Tls is not null;
        if (!secured)
        {
            Stats.TlsFailures++;
            _listenerStats.TlsFailures++;
        }

        if (IsLogged(StreamLogLevel.Info))
        {
            Log(StreamLogLevel.Info, null, $"client {connection.RemoteAddress}: {(secured ? "TLS failed" : "TLS handshake failed")}: {reason}");
        }
    }

    /// <inheritdoc/>
    public void OnConnectionClosed(IServerConnection connection)
    {
        var closed = (Http1ServerConnection)connection;
        if (closed.PreviousInList is not null)
        {
            closed.PreviousInList.NextInList = closed.NextInList;
        }
        else if (_connections == closed)
        {
            _connections = closed.NextInList;
        }
        else
        {
            // It failed before it was opened.
            return;
        }

        if (closed.NextInList is not null)
        {
            closed.NextInList.PreviousInList = closed.PreviousInList;
        }

        closed.NextInList = closed.PreviousInList = null;
        ConnectionCount--;
        Stats.ConnectionsActive--;
        Stats.ConnectionsClosed++;
        _listenerStats.ConnectionsActive--;
        _listenerStats.ConnectionsClosed++;
        RetireIfDone();
    }

    /// <inheritdoc/>
    public ServerStream RentStream(IServerConnection connection)
    {
        _filters.Begin();
        var stream = _freeStreams;
        if (stream is null)
        {
            return new ProxyStream(this, _snapshot, _filters);
        }

        _freeStreams = stream.NextFree;
        _freeCount--;
        stream.NextFree = null;
        stream.Renew();
        return stream;
    }

    /// <inheritdoc/>
    public void ReturnUnused(ServerStream stream) => ((ProxyStream)stream).ConcludeUnused();

    internal void ReturnStream(ProxyStream stream)
    {
        if (stream.Snapshot == _snapshot && _freeCount < MostFreeStreams)
        {
            stream.NextFree = _freeStreams;
            _freeStreams = stream;
            _freeCount++;
        }
    }

    /// <inheritdoc/>
    public void OnIdleTimeout(IServerConnection connection) => Stats.ConnectionsIdleClosed++;

    /// <inheritdoc/>
    public void OnProtocolError(IServerConnection connection, ProtocolError error)
    {
        Stats.ProtocolErrors++;
        if (IsLogged(StreamLogLevel.Info))
        {
            Log(StreamLogLevel.Info, null, $"client {connection.RemoteAddress}: {error.Status}, {error.Message}");
        }
    }

    // Of a listener that does not accept any more, nothing begins a stream but connections that are open.
    private void RetireIfDone()
    {
        if (IsDraining && ConnectionCount == 0)
        {
            _filters.Retire();
        }
    }

    private ConnectionPool NewPool(ref LoopHostState state, UpstreamHost host, Cluster cluster)
    {
        var pool = new ConnectionPool(Loop, host, _runtime.UpstreamLimits, ConnectionPoolOptions.Of(cluster), Stats, _runtime.Stats.Cluster(cluster.Name)[Loop.Index]);
        state.Pool = pool;
        return pool;
    }
}
