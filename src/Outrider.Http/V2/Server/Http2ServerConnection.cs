using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.Connections;
using Outrider.Http.V2.Framing;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Server;

/// <summary>
/// A client's connection that speaks HTTP/2 (RFC 9113): many requests at once, each with a <see cref="Http2ServerStream"/> that is the
/// client's side of its <see cref="ServerStream"/>. Nothing is pushed, and priorities are read and not followed. How it begins and ends is here; what
/// comes of streams is its <see cref="RequestIntake"/>'s, which are open its <see cref="ServerStreams"/>'.
/// </summary>
/// <remarks>An idle connection is this object, its parts, what the client has had us remember of its headers, and little else: under 2 KB.</remarks>
public sealed class Http2ServerConnection : TransportHandler
{
    // From here on what a client does not take keeps it from asking for more.
    private const int MaxUntaken = 256 * 1024;

    // What it gets to answer the PING behind the first GOAWAY; by then what it sent before it knew has come (RFC 9113 §6.8).
    private const int DrainGrace = 1000;

    private readonly IHttp2ServerHandler _handler;
    private readonly Http2Limits _limits;
    private readonly ServerStreams _streams;
    private readonly RequestIntake _requests;
    private ServerClock _clock;
    private int _prefaceRead;
    private State _state;

    /// <summary>Takes over a transport: it becomes its handler. On the transport's loop.</summary>
    /// <param name="transport">The client's connection.</param>
    /// <param name="handler">The listener's side on the loop; it speaks HTTP/2.</param>
    /// <param name="prefaceRead">How many bytes of the client's preface (RFC 9113 §3.4) have been read already.</param>
    public Http2ServerConnection(Transport transport, IHttp2ServerHandler handler, int prefaceRead = 0)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(handler);
        Transport = transport;
        _handler = handler;
        _limits = handler.Http2 ?? throw new ArgumentException("the listener does not speak HTTP/2", nameof(handler));
        _prefaceRead = prefaceRead;
        _streams = new ServerStreams(this, handler, _limits);
        _requests = new RequestIntake(_streams, handler, _limits);
        _clock = new ServerClock(Now);
        transport.Handler = this;
        transport.GatherOutput();
        ArmNext();
    }

    [Flags]
    private enum State : byte
    {
        /// <summary>The client was told that this connection ends, and may not have heard of it yet.</summary>
        Draining = 1,

        /// <summary>The client knows; what it begins now is not served.</summary>
        Drained = 2,

        /// <summary>It ends with an error, and nothing more is read.</summary>
        Failed = 4,

        /// <summary>The client begins no more streams, or cannot.</summary>
        ClientDone = 8,
    }

    /// <summary>What a client that speaks HTTP/2 begins with (RFC 9113 §3.4).</summary>
    public static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    /// <summary>The client's connection.</summary>
    public Transport Transport { get; }

    /// <summary>Requests that are under way.</summary>
    public int StreamCount => _streams.Count;

    /// <inheritdoc/>
    public override object? Owner => _handler.Owner;

    /// <inheritdoc/>
    public override int ReadSize => _handler.ReadSize;

    /// <inheritdoc/>
    public override uint RestingMilliseconds => _streams.Count == 0 && !Transport.IsClosing && !Transport.IsWriteBlocked ? (uint)(Now - _clock.RestsSince) : 0;

    private static ReadOnlySpan<byte> DrainPing => "outrider"u8;

    private long Now => Transport.Loop.Now;

    private HttpLimits Limits => _handler.Limits;

    private bool HasBegun => _prefaceRead == Preface.Length;

    /// <inheritdoc/>
    public override void OnConnected() => _handler.OnConnectionOpened(Transport);

    /// <inheritdoc/>
    public override void OnSecured() => _handler.OnSecured(Transport);

    /// <inheritdoc/>
    public override void OnTlsFailed(string reason) => _handler.OnTlsFailed(Transport, reason);

    /// <inheritdoc/>
    public override void OnTlsUnused() => _handler.OnTlsUnused(Transport);

    /// <inheritdoc/>
    public override int OnReceived(ReadOnlySpan<byte> data)
    {
        int length = data.Length;
        _clock.OnHeard(Now);
        try
        {
            if (!Has(State.Failed) && ReadPreface(ref data))
            {
                ReadFrames(ref data);
                if (_clock.OnRead(_streams.Frames.IsWithinBlock, length - data.Length, Now, Limits))
                {
                    ArmNext();
                }
            }
        }
        catch (Http2Exception e)
        {
            Fail(e.Code);
            return length;
        }

        return Transport.IsReadPaused && !Has(State.Failed) ? length - data.Length : length;
    }

    /// <inheritdoc/>
    public override void OnWriteBlocked()
    {
        _clock.OnWriting(Now);
        ArmNext();
    }

    /// <inheritdoc/>
    public override void OnWriteProgress() => _clock.OnWriting(Now);

    /// <inheritdoc/>
    public override void OnWritten()
    {
        if (Has(State.Failed))
        {
            return;
        }

        Transport.ResumeReading();
        _streams.Sender.Pump();
    }

    /// <inheritdoc/>
    public override void OnTimer()
    {
        long now = Now;
        if (Has(State.Failed))
        {
            Transport.Close();
            return;
        }

        if (Has(State.Draining) && !Has(State.Drained))
        {
            FinishDrain();
        }

        if (!HasBegun && (_handler.IsDraining || _clock.BeginsTooLate(now, Limits)))
        {
            Fail(Http2Error.None);
        }
        else if (_clock.FindHeadError(now, Limits) is { } error)
        {
            _requests.RefuseHead(error);
            Fail(Http2Error.EnhanceYourCalm);
        }
        else if (Transport.IsWriteBlocked && _clock.IsBlockedTooLong(now, Limits))
        {
            Abandon(ResetReason.SendTimeout);
        }
        else if (_streams.Count > 0)
        {
            _streams.EndOverdue(now);
        }
        else if (_clock.RestsTooLong(now, Limits) && !Transport.IsClosing)
        {
            _handler.OnIdleTimeout(Transport);
            _streams.Control.GoAway(Http2Error.None, _streams.Frames.LastId);
            _streams.Control.Close(drain: false);
            return;
        }

        if (!Transport.IsClosed && !Has(State.Failed) && KeepsAlive(now) && !Transport.IsClosing)
        {
            ArmNext();
        }
    }

    /// <summary>Tells the client that this connection ends, and ends it when what is under way is done (RFC 9113 §6.8).</summary>
    public override void OnDrain()
    {
        if (Has(State.Draining | State.Failed) || Transport.IsClosing || Transport.IsClosed)
        {
            return;
        }

        if (!HasBegun)
        {
            // Whatever it asks is asked after it has sent the preface, and then it is told.
            Transport.Arm(DrainGrace);
            return;
        }

        _state |= State.Draining;
        _streams.Control.GoAway(Http2Error.None, int.MaxValue);
        _streams.Control.Ping(DrainPing);
        _clock.OnWriting(Now);
        Transport.Arm(DrainGrace);
    }

    /// <inheritdoc/>
    public override void OnEndOfInput()
    {
        _state |= State.ClientDone;
        _streams.EndRequests();
        CloseIfDone();
    }

    /// <inheritdoc/>
    public override void OnPeerReset() => Abandon(ResetReason.PeerClosed);

    /// <inheritdoc/>
    public override void OnCut() => Abandon(ResetReason.Shutdown);

    /// <inheritdoc/>
    public override void OnClosed(int error)
    {
        Abandon(ResetReason.PeerClosed);
        _streams.Frames.Release();
        _requests.Release();
        _handler.OnConnectionClosed(Transport);
    }

    /// <summary>What the client began with is no preface: it is told so, and the connection ends.</summary>
    internal void RefusePreface() => Fail(Http2Error.Protocol);

    /// <summary>A PING of ours was answered.</summary>
    internal void OnPingAnswer(ReadOnlySpan<byte> payload)
    {
        if (payload.SequenceEqual(DrainPing))
        {
            FinishDrain();
        }
    }

    /// <summary>The client begins no more streams.</summary>
    internal void OnGoAway()
    {
        _state |= State.ClientDone;
        CloseIfDone();
    }

    /// <summary>A request begins where none was under way.</summary>
    internal void OnFirstStream() => ArmNext();

    /// <summary>The last request that was under way has ended.</summary>
    internal void OnLastStreamDone()
    {
        _clock.OnRest(Now);
        CloseIfDone();
    }

    /// <summary>The preface comes first; false while it is not complete.</summary>
    private bool ReadPreface(ref ReadOnlySpan<byte> data)
    {
        if (HasBegun)
        {
            return true;
        }

        int count = Math.Min(data.Length, Preface.Length - _prefaceRead);
        if (!data[..count].SequenceEqual(Preface.Slice(_prefaceRead, count)))
        {
            throw Http2Exception.Protocol("the connection does not begin as HTTP/2");
        }

        data = data[count..];
        _prefaceRead += count;
        if (!HasBegun)
        {
            return false;
        }

        _streams.Control.Begin(
            [
                (SettingId.MaxConcurrentStreams, _limits.MaxConcurrentStreams), (SettingId.InitialWindowSize, _limits.StreamWindow), (SettingId.MaxFrameSize, _limits.MaxFrameSize),
                (SettingId.MaxHeaderListSize, _limits.MaxHeaderList), (SettingId.EnableConnectProtocol, 1),
            ],
            _limits.ConnectionWindow);
        if (_handler.IsDraining)
        {
            OnDrain();
        }

        return true;
    }

    private void ReadFrames(ref ReadOnlySpan<byte> data)
    {
        var sink = new ServerFrames(this, _requests, _streams);
        while (!Transport.IsClosed && !Has(State.Failed) && _streams.Frames.Read(ref data, sink))
        {
            if (Transport.IsWriteBlocked && Transport.PendingOutput > MaxUntaken)
            {
                Transport.PauseReading();
                return;
            }
        }
    }

    /// <summary>Asks a silent client whether it is there; false when it has not answered and the connection is closed.</summary>
    private bool KeepsAlive(long now)
    {
        switch (_clock.NextKeepalive(now, _limits))
        {
            case KeepaliveStep.GiveUp:
                Abandon(ResetReason.PeerClosed);
                return false;
            case KeepaliveStep.Ask:
                _streams.Control.AskWhetherAlive();
                return true;
            default:
                return true;
        }
    }

    private void FinishDrain()
    {
        if (!Has(State.Draining) || Has(State.Drained))
        {
            return;
        }

        _state |= State.Drained;
        _requests.ServesNoMore = true;
        _streams.Control.GoAway(Http2Error.None, _streams.Frames.LastId);
        CloseIfDone();
    }

    private void CloseIfDone()
    {
        if (_streams.Count > 0 || Transport.IsClosed || Transport.IsClosing)
        {
            return;
        }

        if (Has(State.Drained | State.ClientDone))
        {
            _streams.Control.Close(drain: true);
        }
        else
        {
            ArmNext();
        }
    }

    /// <summary>The client broke the protocol: it is told, and the connection ends with all of its streams.</summary>
    private void Fail(Http2Error code)
    {
        if (Transport.IsClosed || Has(State.Failed))
        {
            return;
        }

        _state |= State.Failed;
        _streams.Control.GoAway(code, _streams.Frames.LastId);
        _streams.Abandon(ResetReason.ProtocolError);
        _streams.Control.Close(drain: true);
    }

    private void Abandon(ResetReason reason)
    {
        _state |= State.Failed;
        if (!Transport.IsClosed)
        {
            Transport.Close();
        }

        _streams.Abandon(reason);
    }

    private void ArmNext()
    {
        long delay = _clock.Delay(Now, Limits, _limits, isBusy: _streams.Count > 0 || Transport.IsWriteBlocked, HasBegun);
        if (Has(State.Draining) && !Has(State.Drained))
        {
            delay = Math.Min(delay, DrainGrace);
        }

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
