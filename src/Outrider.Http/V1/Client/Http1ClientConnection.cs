using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V1.Parsing;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Client;

/// <summary>
/// A connection to an upstream that speaks HTTP/1.1: one exchange after the other, each given to a receiver. It belongs to
/// a pool on the same loop. What the upstream sends is checked as strictly as what a client sends.
/// </summary>
public sealed partial class Http1ClientConnection : TransportHandler, IUpstreamConnection, IExchange
{
    private readonly IUpstreamConnectionOwner _owner;
    private readonly HttpLimits _limits;
    private readonly ResponseHeadParser _parser = new();
    private BodyReader _body;
    private IResponseReceiver? _receiver;
    private RequestHead? _request;
    private int _informational;
    private Phase _phase;

    // What the upstream sent, whatever a filter makes of the head afterwards.
    private bool _keepAlive;
    private bool _requestDone, _requestChunked, _tunnelSent, _tunnelReceived, _draining;

    /// <summary>Takes over a transport: it becomes its handler. On the transport's loop.</summary>
    /// <param name="transport">The upstream's connection, established, of which nothing has been received.</param>
    /// <param name="owner">The pool.</param>
    /// <param name="limits">Limits for what the upstream sends.</param>
    public Http1ClientConnection(Transport transport, IUpstreamConnectionOwner owner, HttpLimits limits)
    {
        ArgumentNullException.ThrowIfNull(transport);
        _owner = owner;
        _limits = limits;
        Transport = transport;
        transport.Handler = this;
    }

    private enum Phase : byte
    {
        Idle,
        Head,
        Body,
        Tunnel,
        Closed,
    }

    /// <summary>The connection to the upstream.</summary>
    public Transport Transport { get; }

    /// <inheritdoc/>
    public string Protocol => "HTTP/1.1";

    /// <inheritdoc/>
    public int FreeSlots => _phase == Phase.Idle ? 1 : 0;

    /// <inheritdoc/>
    public int ActiveExchanges => _phase is Phase.Idle or Phase.Closed ? 0 : 1;

    /// <inheritdoc/>
    public int ExchangeCount { get; private set; }

    /// <inheritdoc/>
    public bool IsWriteBlocked => Transport.IsWriteBlocked;

    /// <inheritdoc/>
    public int PendingOutput => Transport.PendingOutput;

    /// <inheritdoc/>
    public override bool IsServedFirst => _phase == Phase.Idle;

    /// <inheritdoc/>
    public override bool ReadsAfterWriteFailure => true;

    private bool WasReused => ExchangeCount > 1;

    /// <inheritdoc/>
    public void Rest(int idleTimeout) => Transport.Arm(idleTimeout);

    /// <inheritdoc/>
    public void Drain()
    {
        _draining = true;
        if (_phase == Phase.Idle)
        {
            Transport.Close();
        }
    }

    /// <inheritdoc/>
    public void SendNow() => Transport.SendNow();

    /// <summary>The receiver wants no more of this exchange: nothing is told to it any more, and the connection closes.</summary>
    public void Cancel()
    {
        _receiver = null;
        _request = null;
        Transport.Close();
    }

    /// <inheritdoc/>
    public override object? Owner => _owner;

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        var receiver = _receiver;
        bool begun = _phase is Phase.Body or Phase.Tunnel || (_phase == Phase.Head && (_parser.HasBegun || _informational > 0));
        _receiver = null;
        _request = null;
        _owner.OnClosed(error, "");
        _phase = Phase.Closed;
        receiver?.OnUpstreamReset(new UpstreamFailure(ResetReason.PeerClosed, error, !Transport.HasSent, WasReused, begun, null) { Tls = Transport.TlsFailure });
    }

    /// <inheritdoc/>
    public override void OnCut() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer() => Transport.Close();

    private void Release(bool reusable)
    {
        // An upstream that answered before it had the whole request may still read the rest of it as such.
        if (reusable && !_draining && _requestDone && !Transport.IsWriteBlocked && !Transport.IsPeerShutdown && !Transport.IsClosed)
        {
            _owner.OnFreeSlots();
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

        Detach();
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
    private void Detach()
    {
        _receiver = null;
        _request = null;
        _phase = Phase.Idle;
    }
}
