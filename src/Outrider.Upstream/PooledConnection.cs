using Outrider.Http.Streams;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Security;
using Outrider.Upstream.Breakers;

namespace Outrider.Upstream;

/// <summary>
/// A connection to a host, from its beginning to its end: on its way it is the transport's handler, and has those that wait for it; once
/// it is there a codec takes over. It is its pool's, on the pool's loop.
/// </summary>
internal sealed class PooledConnection : TransportHandler, IUpstreamConnectionOwner, IClusterConnection
{
    private readonly ConnectionPool _pool;
    private HostConnection _way;

    internal PooledConnection(ConnectionPool pool, in HostConnection way, TlsContext? origin, UpstreamProtocol protocol, bool speaksHttp2, WaitQueue waits)
    {
        Waits = waits;
        _pool = pool;
        _way = way;
        Origin = origin;
        Protocol = protocol;
        SpeaksHttp2 = speaksHttp2;
        Transport = new Transport(pool.Loop, this);
    }

    /// <inheritdoc/>
    public string ClusterName => _pool.ClusterName;

    /// <inheritdoc/>
    public override object? Owner => this;

    /// <summary>How it comes to the host, and what counts it.</summary>
    internal ref HostConnection Way => ref _way;

    internal Transport Transport { get; }

    /// <summary>What it was secured by; null for plain text.</summary>
    internal TlsContext? Origin { get; }

    internal UpstreamProtocol Protocol { get; }

    /// <summary>Was it made for a request that came by HTTP/2?</summary>
    internal bool SpeaksHttp2 { get; }

    /// <summary>What it speaks; null while it is on its way.</summary>
    internal IUpstreamCodec? Codec { get; private set; }

    /// <summary>The connection as its codec offers it; null while it is on its way.</summary>
    internal IUpstreamConnection? Connection { get; private set; }

    /// <summary>Those who wait for it while it is on its way; null afterwards.</summary>
    internal WaitQueue? Waits { get; private set; }

    /// <summary>Does it rest among its pool's idle ones?</summary>
    internal bool IsIdle { get; set; }

    /// <summary>The next in the list of its pool.</summary>
    internal PooledConnection? Next { get; set; }

    /// <summary>The previous in the list of its pool.</summary>
    internal PooledConnection? Previous { get; set; }

    /// <summary>Did connecting take longer than allowed?</summary>
    internal bool TimedOut => _way.TimedOut;

    /// <summary>Has it never carried anything?</summary>
    internal bool IsUnused => Connection is not { ExchangeCount: > 0 };

    /// <summary>Had it a request under way when it was closed?</summary>
    internal bool WasInUse => Connection is { ActiveExchanges: > 0 };

    /// <summary>Did the peer close it, or the network, with that errno?</summary>
    internal bool WasClosedByPeer(int error) => error != 0 || Transport.IsPeerShutdown;

    /// <summary>It is on its way no longer: nobody waits for it any more but those in the queue, which the caller has now.</summary>
    internal WaitQueue? TakeWaits()
    {
        var waits = Waits;
        Waits = null;
        return waits;
    }

    /// <inheritdoc/>
    public override void OnConnected()
    {
        _way.Establish(Transport);
        Codec = Transport.Tls is { } tls ? Protocol.Secured(tls.ApplicationProtocol) : Protocol.InPlainText(SpeaksHttp2);
        Connection = Codec.Open(Transport, this, _pool.Limits);
        _pool.OnConnected(this);
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data) => data.Length;

    /// <inheritdoc/>
    public override void OnEndOfInput() => Transport.Close();

    /// <inheritdoc/>
    public override void OnCut() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer() => _way.TimeOut(Transport);

    /// <inheritdoc/>
    public override void OnClosed(int error) => _pool.OnClosed(this, error);

    MultiplexCounts? IUpstreamConnectionOwner.Counts => _pool.Http2Counts;

    void IUpstreamConnectionOwner.OnFreeSlots() => _pool.OnFreeSlots(this);

    void IUpstreamConnectionOwner.OnDraining() => _pool.OnDraining(this);

    void IUpstreamConnectionOwner.OnCloseNotice() => _pool.OnCloseNotice();

    void IUpstreamConnectionOwner.OnSpokeNever(bool isCertain) => _pool.OnSpokeNever(this, isCertain);

    void IUpstreamConnectionOwner.OnClosed(int error, string reason) => _pool.OnClosed(this, error);
}
