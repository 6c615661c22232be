using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V1.Client;

/// <summary>
/// A connection to an upstream that speaks HTTP/1.1: one exchange after the other, in its one <see cref="Http1ClientExchange"/>. It belongs to a pool on the
/// same loop. How it begins, rests and ends is here.
/// </summary>
public sealed class Http1ClientConnection : TransportHandler, IUpstreamConnection
{
    private readonly IUpstreamConnectionOwner _owner;
    private readonly Http1ClientExchange _exchange;
    private bool _draining;

    /// <summary>Takes over a transport: it becomes its handler. On the transport's loop.</summary>
    /// <param name="transport">The upstream's connection, established, of which nothing has been received.</param>
    /// <param name="owner">The pool.</param>
    /// <param name="limits">Limits for what the upstream sends.</param>
    public Http1ClientConnection(Transport transport, IUpstreamConnectionOwner owner, HttpLimits limits)
    {
        ArgumentNullException.ThrowIfNull(transport);
        _owner = owner;
        Limits = limits;
        Transport = transport;
        _exchange = new Http1ClientExchange(this);
        transport.Handler = this;
    }

    /// <summary>The connection to the upstream.</summary>
    public Transport Transport { get; }

    /// <inheritdoc/>
    public string Protocol => "HTTP/1.1";

    /// <inheritdoc/>
    public int FreeSlots => _exchange.Phase == ExchangePhase.Idle ? 1 : 0;

    /// <inheritdoc/>
    public int ActiveExchanges => _exchange.Phase is ExchangePhase.Idle or ExchangePhase.Closed ? 0 : 1;

    /// <inheritdoc/>
    public int ExchangeCount { get; private set; }

    /// <inheritdoc/>
    public override bool IsServedFirst => _exchange.Phase == ExchangePhase.Idle;

    /// <inheritdoc/>
    public override bool ReadsAfterWriteFailure => true;

    /// <inheritdoc/>
    public override object? Owner => _owner;

    /// <summary>Limits for what the upstream sends.</summary>
    internal HttpLimits Limits { get; }

    /// <summary>Has the connection served another exchange before the one at hand?</summary>
    internal bool WasReused => ExchangeCount > 1;

    /// <inheritdoc/>
    public IExchange Attach(IResponseReceiver receiver, RequestHead request, bool endStream)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(request);
        ExchangeCount++;
        Transport.ForgetSent();
        Transport.Disarm();
        _exchange.Begin(receiver, request, endStream);
        Transport.ResumeReading();
        return _exchange;
    }

    /// <inheritdoc/>
    public void Rest(int idleTimeout) => Transport.Arm(idleTimeout);

    /// <inheritdoc/>
    public void Drain()
    {
        _draining = true;
        if (_exchange.Phase == ExchangePhase.Idle)
        {
            Transport.Close();
        }
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data) => _exchange.OnReceived(data);

    /// <inheritdoc/>
    public override void OnEndOfInput() => _exchange.OnEndOfInput();

    /// <inheritdoc/>
    public override void OnWriteBlocked() => _exchange.OnWriteBlocked();

    /// <inheritdoc/>
    public override void OnWriteProgress() => _exchange.OnWriteProgress();

    /// <inheritdoc/>
    public override void OnWritten() => _exchange.OnWritten();

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        // The pool first: it is not to give this connection to whoever asks because the exchange has failed.
        bool begun = _exchange.HasBegun;
        var receiver = _exchange.TakeReceiver();
        _owner.OnClosed(error, "");
        _exchange.Close();
        receiver?.OnUpstreamReset(new UpstreamFailure(ResetReason.PeerClosed, error, !Transport.HasSent, WasReused, begun, null) { Tls = Transport.TlsFailure });
    }

    /// <inheritdoc/>
    public override void OnCut() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer() => Transport.Close();

    /// <summary>An exchange is complete: another may begin, where nothing forbids it.</summary>
    /// <param name="reusable">May another begin, as far as the exchange knows?</param>
    internal void OnExchangeEnded(bool reusable)
    {
        if (reusable && !_draining && !Transport.IsWriteBlocked && !Transport.IsPeerShutdown && !Transport.IsClosed)
        {
            _owner.OnFreeSlots();
        }
        else
        {
            Transport.Close();
        }
    }
}
