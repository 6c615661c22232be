using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.Upgrades;
using Outrider.Http.V2.Sending;

namespace Outrider.Http.V2.Server;

/// <summary>
/// One request and its response on an HTTP/2 connection: the client's side of its <see cref="ServerStream"/>. What it has to send waits
/// here until the windows let it go; what it has received is its <see cref="RequestDelivery"/>'s. Pooled; in use from HEADERS until both
/// directions have ended and the <see cref="ServerStream"/> has let go.
/// </summary>
internal sealed class Http2ServerStream : SendingStream, IDownstream
{
    private ResponseBody _body;
    private State _state;

    /// <summary>Makes one, for <see cref="StreamPool"/>.</summary>
    internal Http2ServerStream() => Request = new RequestDelivery(this);

    /// <summary>The next in the chain of <see cref="StreamTable"/>, or of free ones.</summary>
    internal Http2ServerStream? Chained;

    /// <summary>When its client last brought it forward.</summary>
    internal StreamClock Clock;

    [Flags]
    private enum State : byte
    {
        /// <summary>Reset, by us or the client, or the connection is gone.</summary>
        Gone = 1,
        ContinueSent = 2,
        BlockedTold = 4,
        NewsQueued = 8,

        /// <summary>Within <see cref="TellNews"/>.</summary>
        Telling = 16,

        /// <summary>Answered in full while the client has still to say that nothing follows.</summary>
        Lingers = 32,
    }

    /// <summary>Its request.</summary>
    internal RequestDelivery Request { get; }

    /// <summary>Its connection's streams.</summary>
    internal ServerStreams Streams { get; private set; } = null!;

    /// <summary>Whose client's side it is, until that lets go.</summary>
    internal ServerStream? User { get; private set; }

    /// <inheritdoc/>
    public bool IsWriteBlocked => !Out.IsEmpty;

    /// <inheritdoc/>
    public int PendingOutput => Out.Length;

    /// <summary>Was it reset, by either side?</summary>
    internal bool IsGone => Has(State.Gone);

    /// <summary>Has the whole response been sent?</summary>
    internal bool IsAnswered => Out.EndIsSent && !Has(State.Gone);

    /// <summary>Is it answered in full, and neither ended nor reset by its client?</summary>
    internal bool Lingers => Has(State.Lingers) && !Has(State.Gone) && !Request.IsEnded;

    /// <summary>Does it wait for <see cref="TellNews"/>?</summary>
    internal bool HasNews => Has(State.NewsQueued);

    /// <summary>Does a <see cref="ServerStream"/> still use it, or wait its news to be told?</summary>
    internal bool IsInUse => User is not null || Has(State.NewsQueued | State.Telling);

    /// <summary>May it be used again once its news are told?</summary>
    internal bool IsOver => User is null && (Has(State.Gone) || Out.EndIsSent);

    private StreamWaits Waits => Has(State.Gone) ? StreamWaits.None
        : Lingers ? StreamWaits.Rest
        : Request.Tunnel == ClientTunnel.Open && Out.IsEmpty ? StreamWaits.Tunnel
        : (Out.IsEmpty ? StreamWaits.None : StreamWaits.Output) | (Request.IsAwaited ? StreamWaits.Body : StreamWaits.None);

    /// <summary>Takes it into use for a request.</summary>
    internal void Begin(ServerStreams streams, ServerStream stream, int id, int sendWindow, int receiveWindow, long now)
    {
        (Streams, User, Id, _state) = (streams, stream, id, 0);
        Out = new Outflow(sendWindow);
        _body.Await();
        Clock.Begin(now);
        Request.Begin(receiveWindow);
        stream.Attach(this, streams.Transport);
    }

    /// <summary>What it has waited for its client for too long for.</summary>
    internal Overdue FindOverdue(long now, HttpLimits limits) => Clock.Find(Waits, now, limits);

    /// <inheritdoc/>
    public void SendNow() => Streams.Transport.SendNow();

    /// <inheritdoc/>
    public void PauseRequest() => Request.Pause();

    /// <inheritdoc/>
    public void ResumeRequest() => Request.Resume();

    /// <inheritdoc/>
    public void SendInformational(ResponseHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (Has(State.Gone) || _body.HasBegun)
        {
            return;
        }

        if (head.Status == 100)
        {
            SendContinue();
        }
        else if (InterimOutput.MayFollow(Streams.Transport))
        {
            ResponseFieldWriter.WriteHead(Streams.Transport, Id, head, head.Status, -1, endStream: false);
        }
    }

    /// <inheritdoc/>
    public void SendContinue()
    {
        if (User is { Request.ExpectsContinue: true } && !Has(State.Gone | State.ContinueSent) && !_body.HasBegun)
        {
            _state |= State.ContinueSent;
            ResponseFieldWriter.WriteContinue(Streams.Transport, Id);
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

        int status = Request.Tunnel == ClientTunnel.Asked ? AnswerConnect(head) : head.Status;
        long length = _body.Begin(head, User!.AnswersHead, endStream);
        ResponseFieldWriter.WriteHead(Streams.Transport, Id, head, status, length, endStream);
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

        // More than was announced is malformed, and so is less (RFC 9113 §8.1.1).
        _ = _body.Take(ref data);
        if (endStream && _body.IsShort)
        {
            Reset();
            return;
        }

        if (!data.IsEmpty || endStream)
        {
            Streams.Sender.Send(this, data, endStream);
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
        if (trailers.Count == 0 || _body.IsForbidden)
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
            Streams.Sender.WriteEnd(this);
        }
    }

    /// <inheritdoc/>
    public void Reset()
    {
        if (!Has(State.Gone) && !Out.EndIsSent)
        {
            Streams.Reset(this, Http2Error.Internal);
        }
    }

    /// <inheritdoc/>
    public void EndStream(ServerStream stream)
    {
        if (User != stream)
        {
            return;
        }

        User = null;
        if (!Out.EndIsAsked)
        {
            Reset();
        }

        Request.Drop();
        if (Has(State.Gone) || Out.EndIsSent)
        {
            Streams.OnDone(this);
        }
    }

    internal override void OnWaiting() => Clock.Moved(Streams.Now);

    internal override void OnSent() => Clock.Moved(Streams.Now);

    internal override void OnWroteData(int length, bool shut)
    {
        Streams.Guard.OnDataSent(length, shut);
        if (Request.Tunnel == ClientTunnel.Open)
        {
            Clock.Moved(Streams.Now);
        }
    }

    internal override void OnWroteEnd()
    {
        if (Has(State.Gone) || Request.IsEnded || Request.Tunnel == ClientTunnel.Open)
        {
            // Each direction of a tunnel ends by itself.
            return;
        }

        if (Request.HasBody)
        {
            // The rest of the request is not wanted (RFC 9113 §8.1).
            Streams.StopRequest(this);
        }
        else
        {
            // A client that has sent nothing of a body mostly ends or resets the stream by itself, and may have done so already: to
            // reset it first would hide from it what it does wrong with a stream that it knows to be open.
            _state |= State.Lingers;
            Request.GiveUp();
            Clock.Moved(Streams.Now);
        }
    }

    /// <summary>All that waited was sent.</summary>
    internal override void OnAllSent()
    {
        if (User is null)
        {
            if (Out.EndIsSent)
            {
                Streams.OnDone(this);
            }
        }
        else if (Has(State.BlockedTold | State.NewsQueued))
        {
            // With its news still to be told the stream may have seen for itself that sending is blocked, and wait.
            _state &= ~State.BlockedTold;
            User.OnResponseWritten();
        }
    }

    /// <summary>The client gave it up, it was reset for what the client sent, or the connection is gone.</summary>
    internal void OnReset(ResetReason reason, ProtocolError? error)
    {
        _state |= State.Gone;
        Out.Drop();
        Request.GiveUp();
        if (User is { } stream)
        {
            stream.OnRequestReset(reason, error);
        }
        else
        {
            Streams.OnDone(this);
        }
    }

    /// <summary>The client gave it up, and knows that it is over.</summary>
    internal void OnClientReset()
    {
        Request.MarkEnded();
        OnReset(ResetReason.StreamReset, null);
    }

    /// <summary>The response is complete, and the client was told to send no more of the request.</summary>
    internal void MarkStopped()
    {
        _state |= State.Gone;
        Request.GiveUp();
    }

    /// <summary>Marks it as reset by us.</summary>
    internal void MarkReset()
    {
        _state |= State.Gone;
        Out.MarkEnded();
        Out.Drop();
        Request.GiveUp();
    }

    /// <summary>Forgets everything; it may be used for another request.</summary>
    internal void Release()
    {
        Out.Drop();
        Request.Drop();
        User = null;
        _state = State.Gone;
    }

    /// <summary>Has something to tell that cannot be told from within the call at hand.</summary>
    internal void QueueNews()
    {
        if (!Has(State.NewsQueued))
        {
            _state |= State.NewsQueued;
            Streams.HasNews(this);
        }
    }

    /// <summary>Tells what could not be told from within a call: that sending is blocked, and what was held of the request.</summary>
    internal override void TellNews()
    {
        _state = (_state & ~State.NewsQueued) | State.Telling;
        if (!Out.IsEmpty && !Has(State.BlockedTold) && User is { } stream)
        {
            _state |= State.BlockedTold;
            stream.OnResponseBlocked();
        }

        Request.DeliverHeld();
        _state &= ~State.Telling;
        if (IsOver)
        {
            Streams.OnDone(this);
        }
    }

    // What the answer to an extended CONNECT is in HTTP/2 (RFC 8441 §4): 200 opens the tunnel, and so must not say anything else.
    private int AnswerConnect(ResponseHead head)
    {
        if (head.Status != 101)
        {
            return head.Status is >= 200 and < 300 ? 502 : head.Status;
        }

        WebSocketKey.RemoveAnswer(head.Fields);
        Request.OpenTunnel();
        return 200;
    }

    private bool Has(State any) => (_state & any) != 0;
}
