using System.Net;
using System.Net.Security;
using Outrider.Http.Messages;
using Outrider.Http.Streams;
using Outrider.Http.V1.Parsing;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Client;

/// <summary>
/// A connection to an upstream that speaks HTTP/1.1: one exchange after the other, each given to a receiver. It belongs to
/// a pool on the same loop. What the upstream sends is checked as strictly as what a client sends.
/// </summary>
public sealed partial class Http1ClientConnection : TransportHandler
{
    private readonly IClientOwner _owner;
    private readonly HttpLimits _limits;
    private readonly ResponseHeadParser _parser = new();
    private BodyReader _body;
    private IResponseReceiver? _receiver;
    private RequestHead? _request;
    private int _informational;
    private Phase _phase;

    // What the upstream sent, whatever a filter makes of the head afterwards.
    private bool _keepAlive;
    private bool _requestDone, _requestChunked, _tunnelSent, _tunnelReceived;

    /// <summary>Starts to connect; the owner is told how that ends.</summary>
    /// <param name="loop">The loop, which is the current one.</param>
    /// <param name="owner">The pool.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="limits">Limits for what the upstream sends.</param>
    /// <param name="connectTimeout">In milliseconds, TLS handshake included; the connection then fails with ETIMEDOUT.</param>
    /// <param name="tls">How TLS is spoken; null for plain text.</param>
    public Http1ClientConnection(EventLoop loop, IClientOwner owner, EndPoint endPoint, HttpLimits limits, int connectTimeout, SslClientAuthenticationOptions? tls = null)
    {
        ArgumentNullException.ThrowIfNull(loop);
        _owner = owner;
        _limits = limits;
        Transport = new Transport(loop, this);
        Transport.Connect(endPoint, tls);
        Transport.Arm(connectTimeout);
    }

    private enum Phase : byte
    {
        Connecting,
        Idle,
        Head,
        Body,
        Tunnel,
        Closed,
    }

    /// <summary>The connection to the upstream.</summary>
    public Transport Transport { get; }

    /// <summary>How many requests were sent on this connection.</summary>
    public int RequestCount { get; private set; }

    /// <summary>Did connecting take longer than allowed?</summary>
    public bool ConnectTimedOut { get; private set; }

    /// <summary>Who waits for this connection to be established; the pool's to set.</summary>
    public object? Waiter { get; set; }

    /// <summary>What the pool made the connection by; the pool's to set.</summary>
    public object? Origin { get; set; }

    /// <summary>Where it goes to; the pool's to set.</summary>
    public EndPoint? EndPoint { get; set; }

    /// <summary>Does the connection rest in its pool? The pool's to set.</summary>
    public bool IsPooled { get; set; }

    /// <summary>The next idle connection of its pool.</summary>
    public Http1ClientConnection? NextIdle { get; set; }

    /// <summary>The previous idle connection of its pool.</summary>
    public Http1ClientConnection? PreviousIdle { get; set; }

    /// <inheritdoc/>
    public override bool IsServedFirst => IsPooled;

    /// <inheritdoc/>
    public override bool ReadsAfterWriteFailure => true;

    private bool WasReused => RequestCount > 1;

    /// <summary>Looks, with a system call, whether the upstream has closed in the meantime. For a request that could not be sent twice.</summary>
    public bool IsAlive() => Transport.IsQuiet();

    /// <summary>Rests in the pool for at most so many milliseconds.</summary>
    public void Rest(int idleTimeout) => Transport.Arm(idleTimeout);

    /// <summary>The receiver wants no more of this exchange: nothing is told to it any more, and the connection closes.</summary>
    public void Cancel()
    {
        _receiver = null;
        _request = null;
        Transport.Close();
    }

    /// <inheritdoc/>
    public override void OnConnected()
    {
        Transport.Disarm();
        _phase = Phase.Idle;
        _owner.OnConnected(this);
    }

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        var receiver = _receiver;
        bool begun = _phase is Phase.Body or Phase.Tunnel || (_phase == Phase.Head && (_parser.HasBegun || _informational > 0));
        _phase = Phase.Closed;
        _receiver = null;
        _request = null;
        _owner.OnClosed(this, error);
        receiver?.OnUpstreamReset(new UpstreamFailure(ResetReason.PeerClosed, error, !Transport.HasSent, WasReused, begun, null) { Tls = Transport.TlsFailure });
    }

    /// <inheritdoc/>
    public override void OnCut() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer()
    {
        ConnectTimedOut = _phase == Phase.Connecting;
        Transport.Close();
    }

    private void Release(bool reusable)
    {
        // An upstream that answered before it had the whole request may still read the rest of it as such.
        if (reusable && _requestDone && !Transport.IsWriteBlocked && !Transport.IsPeerShutdown && !Transport.IsClosed)
        {
            _owner.OnReusable(this);
        }
        else
        {
            Transport.Close();
        }
    }

    /// <summary>Each direction of a tunnel ends by itself; with the second one the connection does.</summary>
    private void CloseTunnelIfDone()
    {
        if (!_tunnelSent || !_tunnelReceived)
        {
            return;
        }

        LetGo();
        Transport.CloseWhenWritten(drain: false);
        // Nobody is left who would notice that the upstream does not take the rest.
        Transport.Arm(_limits.SendTimeout);
    }

    private void Fail(ProtocolError error)
    {
        var receiver = _receiver!;
        bool begun = _phase != Phase.Head;
        _receiver = null;
        _request = null;
        Transport.Close();
        receiver.OnUpstreamReset(new UpstreamFailure(ResetReason.ProtocolError, 0, false, WasReused, begun, error));
    }

    /// <summary>Nothing of this exchange is told to anybody any more.</summary>
    private void LetGo()
    {
        _receiver = null;
        _request = null;
        _phase = Phase.Idle;
    }
}
