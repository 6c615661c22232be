using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Connections;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Hpack;
using Outrider.Http.V2.Sending;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Client;

/// <summary>
/// A connection to an upstream that speaks HTTP/2 (RFC 9113): many exchanges at once, each with a <see cref="Http2ClientStream"/>. Its
/// windows are opened as receivers take what comes, so that they are the back-pressure. On its loop.
/// </summary>
public sealed class Http2ClientConnection : TransportHandler, IUpstreamConnection
{
    private readonly IUpstreamConnectionOwner _owner;
    private readonly UpstreamLimits _limits;
    private readonly ClientStreams _streams;
    private Keepalive _keepalive;
    private State _state;
    private string _reason = "";

    /// <summary>Takes over a transport: it becomes its handler, and says what HTTP/2 begins with. On the transport's loop.</summary>
    /// <param name="transport">The upstream's connection, established.</param>
    /// <param name="owner">Who is told.</param>
    /// <param name="limits">What the upstream may ask of memory and patience.</param>
    public Http2ClientConnection(Transport transport, IUpstreamConnectionOwner owner, UpstreamLimits limits)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(owner);
        _owner = owner;
        _limits = limits;
        Transport = transport;
        Fields = new ResponseFields(new HpackDecoder(), limits.Message);
        _streams = new ClientStreams(new StreamSender(transport, owner.Counts ?? new MultiplexCounts()), owner, limits);
        _keepalive = new Keepalive(transport.Loop.Now);
        transport.Handler = this;
        transport.GatherOutput();
        transport.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        _streams.Control.Begin(
            [(SettingId.EnablePush, 0), (SettingId.InitialWindowSize, limits.ExchangeWindow), (SettingId.MaxHeaderListSize, limits.Message.MaxHeaderBytes)], limits.ConnectionWindow);
        ArmNext();
    }

    [Flags]
    private enum State : byte
    {
        /// <summary>It ends with an error, and nothing more is read.</summary>
        Failed = 1,

        /// <summary>What the peer has sent is not HTTP/2.</summary>
        Foreign = 2,
    }

    /// <inheritdoc/>
    public Transport Transport { get; }

    /// <inheritdoc/>
    public string Protocol => "HTTP/2";

    /// <inheritdoc/>
    public int FreeSlots => Has(State.Failed) || Transport.IsClosed || Transport.IsClosing ? 0 : _streams.Free;

    /// <inheritdoc/>
    public int ActiveExchanges => _streams.Count;

    /// <inheritdoc/>
    public int ExchangeCount { get; private set; }

    /// <inheritdoc/>
    public override bool IsServedFirst => ActiveExchanges == 0;

    /// <inheritdoc/>
    public override bool ReadsAfterWriteFailure => true;

    /// <summary>Reads header blocks. All of them, in their order: each builds on those before.</summary>
    internal ResponseFields Fields { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no free slot.</exception>
    public IExchange Attach(IResponseReceiver receiver, RequestHead request, bool endStream)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(request);
        if (FreeSlots == 0)
        {
            throw new InvalidOperationException("the connection takes no more exchanges now");
        }

        if (ActiveExchanges == 0)
        {
            _keepalive.OnHeard(Transport.Loop.Now);
            ArmNext();
        }

        ExchangeCount++;
        return _streams.Begin(receiver, request, endStream);
    }

    /// <inheritdoc/>
    public void Rest(int idleTimeout)
    {
        if (_streams.Frames.IsSettled)
        {
            Transport.Arm(idleTimeout);
        }
    }

    /// <inheritdoc/>
    public void Drain()
    {
        _streams.TakeNoMore();
        _streams.CloseIfDone();
    }

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        _keepalive.OnHeard(Transport.Loop.Now);
        if (!_streams.Frames.IsSettled && !Has(State.Foreign) && _streams.Frames.IsFresh && data[0] != 0)
        {
            // HTTP/2 begins with SETTINGS, and those with the first byte of a length that is none of these: it says "HTTP/1.1", or whatever.
            _state |= State.Foreign | State.Failed;
            _reason = Http2Errors.NotHttp2.Message;
            Transport.Close();
            return length;
        }

        try
        {
            var sink = new ClientFrames(this, _streams, _limits);
            while (!Transport.IsClosed && !Has(State.Failed) && _streams.Frames.Read(ref data, sink))
            {
            }
        }
        catch (Http2Exception e)
        {
            Fail(e);
        }

        return length;
    }

    /// <inheritdoc/>
    public override void OnEndOfInput() => Transport.Close();

    /// <inheritdoc/>
    public override void OnWritten() => _streams.Sender.Pump();

    /// <inheritdoc/>
    public override void OnCut() => Transport.Close();

    /// <inheritdoc/>
    public override void OnTimer()
    {
        if (Has(State.Failed) || ActiveExchanges == 0)
        {
            // Nothing is under way: it has rested for as long as it may.
            Transport.Close();
            return;
        }

        if (!_streams.Frames.IsSettled)
        {
            _reason = $"it has not begun to speak HTTP/2 within {_limits.SettingsTimeout} ms";
            Transport.Close();
            return;
        }

        switch (_keepalive.Next(Transport.Loop.Now, _limits.KeepaliveInterval, _limits.KeepaliveTimeout))
        {
            case KeepaliveStep.GiveUp:
                _reason = $"no answer to PING within {_limits.KeepaliveTimeout} ms";
                Transport.Close();
                return;
            case KeepaliveStep.Ask:
                _streams.Control.AskWhetherAlive();
                break;
            default:
                break;
        }

        ArmNext();
    }

    /// <inheritdoc/>
    public override object? Owner => _owner;

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        Transport.Disarm();
        _streams.Frames.Release();
        Fields.Release();
        bool spokeNever = !_streams.Frames.IsSettled && Transport.Tls is null && Transport.TlsFailure is null;
        if (spokeNever)
        {
            _owner.OnSpokeNever(Has(State.Foreign));
        }

        _owner.OnClosed(error, _reason);
        var reason = Has(State.Failed) ? ResetReason.ProtocolError : ResetReason.PeerClosed;
        var failure = new UpstreamFailure(reason, error, NothingSent: false, WasReused: false, ResponseBegun: false, Has(State.Foreign) ? Http2Errors.NotHttp2 : null)
        {
            Tls = Transport.TlsFailure,
            SpokeNever = spokeNever,
        };
        _streams.FailAll(failure, nothingSent: !Transport.HasSent || Has(State.Foreign));
    }

    /// <summary>The peer's first SETTINGS have come.</summary>
    internal void OnSettled()
    {
        Transport.Disarm();
        if (ActiveExchanges > 0)
        {
            ArmNext();
        }
    }

    /// <summary>The peer ends the connection: it serves streams up to a number.</summary>
    internal void OnGoAway(int lastId, Http2Error code)
    {
        _owner.OnCloseNotice();
        _streams.TakeNoMore();
        _reason = code == Http2Error.None ? "" : $"the peer said {code}";
        _owner.OnDraining();
        _streams.RefuseBehind(lastId);
        _streams.CloseIfDone();
    }

    // Closing drops what waits, so what we have to say goes first.
    private void Fail(Http2Exception e)
    {
        _reason = $"{e.Message} ({e.Code})";
        _streams.Control.GoAway(e.Code);
        _streams.TakeNoMore();
        _state |= State.Failed;
        _owner.OnDraining();
        Transport.PauseReading();
        _streams.Control.Close(drain: false);
    }

    private void ArmNext()
    {
        long delay = _streams.Frames.IsSettled ? _keepalive.Delay(Transport.Loop.Now, _limits.KeepaliveInterval, _limits.KeepaliveTimeout) : Math.Max(1, _limits.SettingsTimeout);
        if (delay < long.MaxValue)
        {
            Transport.Arm(delay);
        }
        else
        {
            Transport.Disarm();
        }
    }

    private bool Has(State any) => (_state & any) != 0;
}
