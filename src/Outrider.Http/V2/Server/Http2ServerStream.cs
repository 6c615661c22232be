using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Sending;

namespace Outrider.Http.V2.Server;

/// <summary>
/// One request and its response on an HTTP/2 connection: the client's side of its <see cref="ServerStream"/>. What it has to send waits
/// here until the windows let it go, what it has received until the other side takes it. Pooled; in use from HEADERS until both
/// directions have ended and the <see cref="ServerStream"/> has let go.
/// </summary>
internal sealed partial class Http2ServerStream : SendingStream, IDownstream
{
    // What a client gets to end a stream that was answered in full, before it is told that nothing of the rest is wanted.
    private const int LingerMilliseconds = 1000;

    private ServerStreams _streams = null!;
    private ServerStream? _stream;
    private State _state;
    private Inflow _in;
    private Pace _pace;
    private ClientTunnel _tunnel;
    private long _bodyLength;
    private long _responseLeft;

    /// <summary>The next in the chain of <see cref="StreamTable"/>, or of free ones.</summary>
    internal Http2ServerStream? Chained;

    /// <summary>When the client last brought it forward, in milliseconds of the loop's clock.</summary>
    internal long MovedAt;

    [Flags]
    private enum State : ushort
    {
        /// <summary>END_STREAM has come.</summary>
        RequestEnded = 1,

        /// <summary>The request has been given to the stream to its end, or will not be.</summary>
        RequestDone = 2,

        Paused = 4,
        TrailersHeld = 8,
        ResponseBegun = 16,

        /// <summary>Reset, by us or the client, or the connection is gone.</summary>
        Gone = 128,
        NoBody = 256,
        ContinueSent = 512,
        BlockedTold = 1024,
        NewsQueued = 2048,

        /// <summary>What is still to come of the request is passed over.</summary>
        Failed = 4096,

        /// <summary>Within <see cref="TellNews"/>.</summary>
        Telling = 8192,

        /// <summary>Answered in full while the client has still to say that nothing follows.</summary>
        Lingers = 16384,
    }

    /// <summary>What it has waited for its client for too long for.</summary>
    internal Overdue FindOverdue(long now, HttpLimits limits)
    {
        long silent = now - MovedAt;
        if (Lingers)
        {
            return silent >= LingerMilliseconds ? Overdue.Rest : Overdue.None;
        }

        if (IsOpenTunnel && Out.IsEmpty)
        {
            return limits.IdleTimeout > 0 && silent >= limits.IdleTimeout ? Overdue.Tunnel : Overdue.None;
        }

        if (IsTooSlow(now))
        {
            return Overdue.Rate;
        }

        if (!AwaitsClient)
        {
            return Overdue.None;
        }

        return Out.IsEmpty
            ? silent < limits.BodyTimeout ? Overdue.None : Overdue.Body
            : silent < limits.SendTimeout ? Overdue.None : Overdue.Output;
    }

    /// <inheritdoc/>
    public bool IsWriteBlocked => !Out.IsEmpty;

    /// <inheritdoc/>
    public int PendingOutput => Out.Length;

    /// <inheritdoc/>
    public void SendNow() => _streams.Transport.SendNow();

    internal void Begin(ServerStreams streams, ServerStream stream, int id, int sendWindow, int receiveWindow, long now)
    {
        (_streams, _stream, Id, _state) = (streams, stream, id, 0);
        Out = new Outflow(sendWindow);
        _in = new Inflow(receiveWindow);
        _responseLeft = -1;
        _bodyLength = 0;
        _tunnel = ClientTunnel.None;
        _pace.End();
        MovedAt = now;
        stream.Attach(this, streams.Transport);
    }

    /// <inheritdoc/>
    public void SendInformational(ResponseHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (Has(State.Gone | State.ResponseBegun))
        {
            return;
        }

        if (head.Status == 100)
        {
            SendContinue();
        }
        else if (InterimOutput.MayFollow(_streams.Transport))
        {
            ResponseFieldWriter.WriteHead(_streams.Transport, Id, head, head.Status, -1, endStream: false);
        }
    }

    /// <inheritdoc/>
    public void SendContinue()
    {
        if (_stream is { Request.ExpectsContinue: true } && !Has(State.Gone | State.ResponseBegun | State.ContinueSent))
        {
            _state |= State.ContinueSent;
            ResponseFieldWriter.WriteContinue(_streams.Transport, Id);
        }
    }

    /// <inheritdoc/>
    public void SendHead(ResponseHead head, bool endStream)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (Has(State.Gone))
        {
            return;
        }

        _state |= State.ResponseBegun;
        int status = _tunnel == ClientTunnel.Asked ? AnswerConnect(head) : head.Status;
        var content = Outrider.Filters.ResponseContent.Of(head.Status, _stream!.AnswersHead);
        long length = -1;
        if (!content.IsAllowed)
        {
            _state |= State.NoBody;
            length = content.Announce(head.ContentLength, endStream);
        }
        else if (head.Framing == BodyFraming.Length || endStream)
        {
            length = _responseLeft = content.Announce(head.ContentLength, endStream);
        }

        ResponseFieldWriter.WriteHead(_streams.Transport, Id, head, status, length, endStream);
        if (endStream)
        {
            Out.MarkEnded();
            OnWroteEnd();
        }
    }

    /// <inheritdoc/>
    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (Has(State.Gone) || Out.EndIsAsked)
        {
            return;
        }

        if (Has(State.NoBody))
        {
            data = default;
        }
        else if (_responseLeft >= 0)
        {
            // More than was announced is malformed, and so is less (RFC 9113 §8.1.1).
            data = data[..(int)Math.Min(data.Length, _responseLeft)];
            _responseLeft -= data.Length;
            if (endStream && _responseLeft > 0)
            {
                Reset();
                return;
            }
        }

        if (!data.IsEmpty || endStream)
        {
            _streams.Sender.Send(this, data, endStream);
            if (!Out.IsEmpty && !Has(State.BlockedTold))
            {
                QueueNews();
            }
        }
    }

    /// <inheritdoc/>
    public void SendTrailers(HeaderBlock trailers)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        if (trailers.Count == 0 || Has(State.NoBody))
        {
            SendData(default, endStream: true);
            return;
        }

        if (Has(State.Gone) || Out.EndIsAsked)
        {
            return;
        }

        Out.EndWithTrailers(ResponseFieldWriter.Rent(trailers, out int length), length);
        if (Out.IsEmpty)
        {
            _streams.Sender.WriteEnd(this);
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        if (!Has(State.Gone) && !Out.EndIsSent)
        {
            _streams.Reset(this, Http2Error.Internal);
        }
    }

    /// <inheritdoc/>
    public void EndStream(ServerStream stream)
    {
        if (_stream != stream)
        {
            return;
        }

        _stream = null;
        if (!Out.EndIsAsked)
        {
            Reset();
        }

        DropInput();
        if (Has(State.Gone) || Out.EndIsSent)
        {
            _streams.OnDone(this);
        }
    }

    internal override void OnWaiting() => MovedAt = _streams.Now;

    internal override void OnSent() => MovedAt = _streams.Now;

    internal override void OnWroteData(int length, bool shut)
    {
        _streams.Guard.OnDataSent(length, shut);
        if (_tunnel == ClientTunnel.Open)
        {
            MovedAt = _streams.Now;
        }
    }

    /// <summary>All that waited was sent.</summary>
    internal override void OnAllSent()
    {
        if (_stream is null)
        {
            if (Out.EndIsSent)
            {
                _streams.OnDone(this);
            }
        }
        else if (Has(State.BlockedTold | State.NewsQueued))
        {
            // With its news still to be told the stream may have seen for itself that sending is blocked, and wait.
            _state &= ~State.BlockedTold;
            _stream.OnResponseWritten();
        }
    }

    /// <summary>Forgets everything; it may be used for another request.</summary>
    internal void Release()
    {
        Out.Drop();
        DropInput();
        _stream = null;
        _state = State.Gone;
    }

    internal override void OnWroteEnd()
    {
        if (Has(State.RequestEnded | State.Gone) || _tunnel == ClientTunnel.Open)
        {
            // Each direction of a tunnel ends by itself.
            return;
        }

        if (_bodyLength > 0)
        {
            // The rest of the request is not wanted (RFC 9113 §8.1).
            _streams.StopRequest(this);
        }
        else
        {
            // A client that has sent nothing of a body mostly ends or resets the stream by itself, and may have done so already: to
            // reset it first would hide from it what it does wrong with a stream that it knows to be open.
            _state |= State.Lingers | State.Failed | State.RequestDone;
            MovedAt = _streams.Now;
        }
    }

    private bool Has(State any) => (_state & any) != 0;
}
