using System.Net;
using Outrider.Filters;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2;
using Outrider.Http.V2.Server;
using Outrider.Net.Addresses;
using Outrider.Net.Listening;
using Outrider.Net.Loops;
using Outrider.Net.Transports;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Logging;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Network;
using Outrider.Proxy.Snapshots;
using Outrider.Proxy.Streams;
using Outrider.Proxy.Tcp;
using Outrider.Proxy.Telemetry;
using Outrider.Security;
using Outrider.Telemetry;
using Outrider.Upstream;
using Outrider.Upstream.Hosts;

namespace Outrider.Proxy.Server;

/// <summary>
/// One listener on one loop: its connections, and what each of them speaks. Its streams are <see cref="ListenerStreams"/>.
/// Everything here belongs to the loop.
/// </summary>
internal sealed class ListenerLoop : IHttp2ServerHandler, ITcpOwner, IChainChooser, INetworkFilterOwner
{
    private readonly ProxyRuntime _runtime;
    private readonly ListenerTraffic _traffic;
    private readonly OpenConnections _connections;
    private readonly ListenerStreams _streams;
    private readonly ConnectionLimit _limit;
    private readonly ClientAdmission _admission;
    private readonly SocketTakeover _takeover;
    private bool _isDraining, _isLame;
    private readonly RefusalLog _refusals = new();
    private readonly LineLimit _tlsFailures = new(), _refusedConnections = new();
    private Net.Listening.Listener? _listener;
    private readonly ListenerLoop? _parent;
    private LoopChains? _chains;
    private bool _wantsPlace;

    // The connection at hand was counted when listener filters began with it.
    private bool _isHandingOver, _isContinuing;

    internal ListenerLoop(ProxyRuntime runtime, EventLoop loop, ListenerSnapshot snapshot, ConnectionLimit limit, ListenerLoop? parent = null)
    {
        _parent = parent;
        _limit = limit;
        _admission = new ClientAdmission(runtime.Connections, limit, reason => runtime.Room.OnWaiting(this, reason));
        _takeover = new SocketTakeover(Accept);
        _runtime = runtime;
        Loop = loop;
        _streams = new ListenerStreams(loop, runtime.Stats, runtime.CurrentLog, snapshot);
        _traffic = new ListenerTraffic(Stats, ListenerStats);
        _connections = new OpenConnections(loop, this);
        ReadSize = snapshot.Configuration.ReadBufferSize;
        ApplyChains(snapshot);
    }

    internal EventLoop Loop { get; }

    private ListenerSnapshot Snapshot => _streams.Snapshot;

    /// <inheritdoc/>
    public LoopStats Stats => _streams.Services.Stats;

    /// <inheritdoc/>
    public ListenerLoopStats ListenerStats => _streams.Services.ListenerStats;

    /// <inheritdoc/>
    public LoopRandom Random => _streams.Services.Random;

    /// <inheritdoc/>
    public string ListenerName => Name;

    internal string Name => _streams.Services.Name;

    /// <summary>Its streams, and those of its chains.</summary>
    internal IEnumerable<ListenerStreams> AllStreams => (_chains?.Http ?? []).SelectMany(static chain => chain.AllStreams).Append(_streams);

    /// <inheritdoc/>
    public HttpLimits Limits => Snapshot.Limits;

    /// <inheritdoc/>
    public Http2Limits? Http2 => Snapshot.Http2;

    public MultiplexCounts Http2Counts => Stats.Http2Downstream;

    /// <inheritdoc/>
    public int ReadSize { get; private set; }

    /// <inheritdoc/>
    public bool IsDraining => _isDraining || _isLame;

    /// <summary>Connections that are open now.</summary>
    internal int ConnectionCount => _connections.Count;

    /// <summary>Connections that the listener may have, on all loops.</summary>
    internal int MaxConnections => _limit.Max;

    /// <summary>Starts to accept.</summary>
    /// <param name="descriptor">The loop's socket; −1 where it has none.</param>
    internal void Start(int descriptor)
    {
        _runtime.Room.Add(this);
        if (descriptor >= 0)
        {
            _listener = Accept(descriptor);
        }
    }

    /// <summary>Accepts in place of a loop that is stuck.</summary>
    internal void TakeOver(int owner, int descriptor)
    {
        if (!_isDraining)
        {
            _takeover.Take(owner, descriptor);
        }
    }

    /// <summary>That loop goes on.</summary>
    internal void GiveBack(int owner) => _takeover.GiveBack(owner);

    /// <summary>Closes clients' connections that have been silent for so long, the longest silent first. Returns how many.</summary>
    internal int CloseResting(int milliseconds, int most)
    {
        int closed = _connections.CloseResting(milliseconds, most);
        foreach (var chain in _chains?.Http ?? [])
        {
            closed += chain.CloseResting(milliseconds, most - closed);
        }

        return closed;
    }

    /// <summary>The next connection that has an answer gives up its place.</summary>
    internal void WantPlace()
    {
        _wantsPlace = true;
        foreach (var chain in _chains?.Http ?? [])
        {
            chain.WantPlace();
        }
    }

    /// <inheritdoc/>
    public bool TakesPlace()
    {
        bool wants = _wantsPlace;
        _wantsPlace = false;
        return wants;
    }

    /// <summary>Takes another configuration; streams that run keep theirs.</summary>
    internal void Apply(ListenerSnapshot snapshot)
    {
        _streams.Apply(snapshot);
        ReadSize = snapshot.Configuration.ReadBufferSize;
        ApplyChains(snapshot);
    }

    /// <summary>New streams are routed by this one's tables; connections, filters and logs stay as they are.</summary>
    internal void ApplyRoutes(ListenerSnapshot snapshot)
    {
        if (snapshot.Filters != Snapshot.Filters)
        {
            _streams.ApplyRoutes(snapshot);
        }

        _chains?.ApplyRoutes(snapshot);
    }

    /// <summary>It will stop soon: connections end with the response at hand, and new ones are still taken.</summary>
    internal void BecomeLame()
    {
        _isLame = true;
        foreach (var chain in _chains?.Http ?? [])
        {
            chain.BecomeLame();
        }
    }

    /// <summary>Stops accepting, after what is in the kernel's queue; connections end with the response at hand, idle ones now.</summary>
    internal void Drain()
    {
        _isDraining = true;
        _connections.Drain();
        foreach (var chain in _chains?.Http ?? [])
        {
            chain.Drain();
        }

        // After that, because what comes out of the kernel's queue now mostly has a request with it that waits to be read.
        _listener?.Stop();
        _listener = null;
        _takeover.Stop();
        RetireIfDone();
    }

    /// <summary>Closes what is still open.</summary>
    internal void CloseAll()
    {
        _connections.CloseAll();
        foreach (var chain in _chains?.Http ?? [])
        {
            chain.CloseAll();
        }
    }

    /// <inheritdoc/>
    public long NextStreamId() => _streams.NextStreamId();

    /// <inheritdoc/>
    public void OnConnectFailed(UpstreamHost host, string reason) => _streams.Services.OnConnectFailed(host, reason);

    /// <summary>Is there an access log, or a filter, that may ask for addresses after the connections are gone?</summary>
    public bool HasAccessLogs => _streams.Services.HasAccessLogs;

    /// <inheritdoc/>
    public void OnConnectionOpened(Transport transport)
    {
        if (_isContinuing)
        {
            return;
        }

        if (_parent is not null)
        {
            _connections.Add();
            _parent.OnConnectionOpened(transport);
        }
        else if (!_isHandingOver)
        {
            _connections.Add();
            _traffic.ConnectionOpened();
        }
    }

    /// <inheritdoc/>
    public void OnSecured(Transport transport) => _traffic.Secured(transport.Tls!.IsResumed);

    /// <inheritdoc/>
    public void OnTlsFailed(Transport transport, string reason)
    {
        bool secured = transport.Tls is not null;
        if (!secured)
        {
            _traffic.HandshakeFailed();
        }

        if (_streams.Services.IsLogged(StreamLogLevel.Info) && _tlsFailures.TryTake(Environment.TickCount64, out long leftOut))
        {
            _streams.Services.Log(StreamLogLevel.Info, $"client {transport.RemoteAddress}: {(secured ? "TLS failed" : "TLS handshake failed")}: {reason}{LineLimit.Note(leftOut)}");
        }
    }

    /// <inheritdoc/>
    public void OnTlsUnused(Transport transport) => _traffic.HandshakeMissing();

    /// <inheritdoc/>
    public void OnConnectionClosed(Transport transport)
    {
        _connections.Remove();
        _wantsPlace = false;
        if (_parent is not null)
        {
            _parent.OnConnectionClosed(transport);
        }
        else
        {
            _admission.Leave();
            _listener?.OnConnectionClosed();
            _takeover.OnConnectionClosed();
            _traffic.ConnectionClosed();
        }

        RetireIfDone();
    }

    /// <inheritdoc/>
    public void HandOver(ConnectionOpening opening)
    {
        if (_chains is null)
        {
            // A reload has taken the chains away meanwhile.
            ServeHttp(opening.Transport, Snapshot.Tls);
        }
        else
        {
            _chains.Choose(opening);
        }

        _isHandingOver = true;
        try
        {
            opening.Transport.TellConnected();
        }
        finally
        {
            _isHandingOver = false;
        }
    }

    /// <inheritdoc/>
    public void Continue(Transport transport)
    {
        _isContinuing = true;
        try
        {
            transport.TellConnected();
        }
        finally
        {
            _isContinuing = false;
        }
    }

    /// <inheritdoc/>
    public void OnRejected(ConnectionOpening opening, string reason)
    {
        ListenerStats.ConnectionsRejected++;
        Refused(opening.Transport, reason);
    }

    /// <inheritdoc/>
    public void OnClosedByFilter(Transport transport, string filter, string reason)
    {
        ListenerStats.ConnectionsRejected++;
        Refused(transport, $"network filter '{filter}': {reason}");
    }

    /// <inheritdoc/>
    public void OnNetworkFilterFailed(Transport transport, string filter, Exception exception)
    {
        Stats.FilterErrors++;
        _streams.Services.Log(StreamLogLevel.Error, $"network filter '{filter}' on listener '{Name}' failed, client {transport.RemoteAddress}: {exception}");
    }

    /// <summary>No filter chain is for that connection; it closes.</summary>
    internal void OnUnmatched(ConnectionOpening opening)
    {
        ListenerStats.ConnectionsUnmatched++;
        Refused(opening.Transport, $"no filter chain is for it (to {opening.Transport.LocalAddress}, {opening.TransportProtocol}, server name {opening.ServerName ?? "none"})");
    }

    /// <summary>The listener's side for another HTTP chain, whose connections count as the listener's.</summary>
    internal ListenerLoop NewChain(ListenerSnapshot chain) => new(_runtime, Loop, chain, _limit, this);

    /// <summary>The connection is to speak what the listener does: HTTP, or what a codec of an extension speaks.</summary>
    internal void ServeHttp(Transport transport, TlsAcceptor? tls)
    {
        Snapshot.Codec.Open(transport, this);
        if (tls is not null)
        {
            transport.AcceptTls(tls);
        }
    }

    /// <inheritdoc/>
    public ClusterLoopStats ClusterStats(string cluster) => _runtime.Stats.Cluster(cluster)[Loop.Index];

    /// <inheritdoc/>
    public void WriteAccessLog(IAccessLogSource source) => _streams.Services.WriteAccessLog(source);

    /// <inheritdoc/>
    public ServerStream RentStream() => _streams.Rent();

    /// <inheritdoc/>
    public void ReturnUnused(ServerStream stream) => ((ProxyStream)stream).ConcludeUnused();

    /// <inheritdoc/>
    public void ReturnRefused(ServerStream stream, ProtocolError error) => ((ProxyStream)stream).ConcludeRefused(error, isCall: false);

    /// <inheritdoc/>
    public void ReturnRefusedCall(ServerStream stream, ProtocolError error) => ((ProxyStream)stream).ConcludeRefused(error, isCall: true);

    /// <inheritdoc/>
    public void OnIdleTimeout(Transport transport) => Stats.ConnectionsIdleClosed++;

    /// <inheritdoc/>
    public void OnProtocolError(Transport transport, ServerStream stream, ProtocolError error)
    {
        _traffic.Refused(error);
        _refusals.Write(_runtime.Log, Name, transport.RemoteAddress, stream.Request, error);
    }

    private Net.Listening.Listener Accept(int descriptor) => Net.Listening.Listener.Start(Loop, descriptor, OnAccepted, _runtime.OnAcceptFailed, _admission);

    private void OnAccepted(Transport transport)
    {
        if (_chains is null)
        {
            ServeHttp(transport, Snapshot.Tls);
        }
        else
        {
            _chains.Accept(transport);
        }
    }

    private void Refused(Transport transport, string reason)
    {
        if (_streams.Services.IsLogged(StreamLogLevel.Info) && _refusedConnections.TryTake(Environment.TickCount64, out long leftOut))
        {
            _streams.Services.Log(StreamLogLevel.Info, $"client {transport.RemoteAddress} on listener '{Name}': {reason}{LineLimit.Note(leftOut)}");
        }
    }

    // Of a listener that does not accept any more, nothing begins a stream but connections that are open.
    private void RetireIfDone()
    {
        if (_isDraining && ConnectionCount == 0)
        {
            if (_parent is null)
            {
                _runtime.Room.Remove(this);
            }

            _streams.Retire();
        }
    }

    private void ApplyChains(ListenerSnapshot snapshot)
    {
        if (snapshot.Chains is not null)
        {
            if (_chains is null)
            {
                _chains = new LoopChains(this, snapshot);
            }
            else
            {
                _chains.Apply(snapshot);
            }
        }
        else
        {
            _chains?.Drain();
            _chains = null;
        }
    }
}
