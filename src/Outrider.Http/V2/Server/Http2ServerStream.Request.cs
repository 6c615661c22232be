using Outrider.Http.Grpc;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.Upgrades;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Server;

/// <content>The request's way in, held while the other side takes nothing.</content>
internal sealed partial class Http2ServerStream
{
    /// <summary>Is it, or will it be, a tunnel, in which nothing but DATA has a meaning (RFC 9113 §8.5)?</summary>
    internal bool IsTunnel => _tunnel != ClientTunnel.None;

    /// <summary>Do bytes pass both ways?</summary>
    internal bool IsOpenTunnel => _tunnel == ClientTunnel.Open && !Has(State.Gone);

    /// <summary>Has END_STREAM come?</summary>
    internal bool IsRequestEnded => Has(State.RequestEnded);

    /// <summary>Was it reset, by either side?</summary>
    internal bool IsGone => Has(State.Gone);

    /// <summary>Has the whole response been sent?</summary>
    internal bool IsAnswered => Out.EndIsSent && !Has(State.Gone);

    /// <summary>Is it answered in full, and neither ended nor reset by its client?</summary>
    internal bool Lingers => Has(State.Lingers) && !Has(State.RequestEnded | State.Gone);

    /// <summary>Does a <see cref="ServerStream"/> still use it, or wait its news to be told?</summary>
    internal bool IsInUse => _stream is not null || Has(State.NewsQueued | State.Telling);

    /// <summary>May it be used again once its news are told?</summary>
    internal bool IsOver => _stream is null && (Has(State.Gone) || Out.EndIsSent);

    // Is what it waits for the client's: the rest of the request, or that it takes what is sent?
    private bool AwaitsClient => !Has(State.Gone) && (!Out.IsEmpty || (_tunnel == ClientTunnel.None && !Has(State.RequestEnded | State.Failed | State.Paused) && _in.IsEmpty));

    // Does the request's body come more slowly than the listener allows?
    private bool IsTooSlow(long now) => _pace.IsBehind(now) && _in.IsEmpty && !Has(State.Gone | State.RequestEnded | State.Failed | State.Paused);

    /// <inheritdoc/>
    public void PauseRequest()
    {
        if (!Has(State.RequestDone))
        {
            _state |= State.Paused;
            _pace.Pause(_streams.Now);
        }
    }

    /// <inheritdoc/>
    public void ResumeRequest()
    {
        if (!Has(State.Paused))
        {
            return;
        }

        _state &= ~State.Paused;
        MovedAt = _streams.Now;
        _pace.Resume(MovedAt);
        if (!_in.IsEmpty || Has(State.RequestEnded))
        {
            QueueNews();
        }
    }

    /// <summary>The head is complete and good.</summary>
    internal void OnHead(bool endStream)
    {
        var request = _stream!.Request;
        _stream.AnswersHead = request.IsHead;
        _in.Announced = request.ContentLength;
        if (request.IsUpgrade)
        {
            // The request ends with its head, and what follows waits for the tunnel.
            _tunnel = ClientTunnel.Asked;
            _state |= endStream ? State.RequestEnded : 0;
            _stream.OnRequestHead(endStream: true);
            return;
        }

        if (endStream)
        {
            _state |= State.RequestEnded | State.RequestDone;
        }
        else if (_streams.Limits is { MinBodyRate: > 0 } limits && !GrpcRequest.IsGrpc(request.Fields))
        {
            _pace.Begin(MovedAt, limits.MinBodyRate, limits.MinRateGrace);
        }

        _stream.OnRequestHead(endStream);
    }

    /// <summary>
    /// A piece of DATA. Returns <see cref="Http2Error.None"/>, or for what the stream is to be reset.
    /// </summary>
    /// <param name="data">Without padding.</param>
    /// <param name="size">With padding: what it takes of the window.</param>
    /// <param name="endStream">Nothing follows.</param>
    /// <param name="maxBody">The most that a body may have; 0 for any.</param>
    internal Http2Error OnData(ReadOnlySpan<byte> data, int size, bool endStream, long maxBody)
    {
        MovedAt = _streams.Now;
        _pace.Arrived(data.Length, MovedAt);
        if (!_in.Arrive(size))
        {
            return Http2Error.FlowControl;
        }

        _bodyLength += data.Length;
        if (!_in.Count(data.Length, endStream))
        {
            return Http2Error.Protocol;
        }

        _state |= endStream ? State.RequestEnded : 0;
        if (Has(State.Failed) || _stream is null)
        {
            // Nobody wants it any more. The stream's window stays as it is: it is to send no more.
            _streams.TookData(size);
            return Http2Error.None;
        }

        if (maxBody > 0 && _bodyLength > maxBody && _tunnel == ClientTunnel.None)
        {
            _streams.TookData(size);
            Fail(ResetReason.ProtocolError, ProtocolError.BodyTooLarge);
            return Http2Error.None;
        }

        if (Has(State.Paused | State.NewsQueued) || !_in.IsEmpty || _tunnel == ClientTunnel.Asked)
        {
            _in.Hold(data);
            Credit(size - data.Length);
            return Http2Error.None;
        }

        Credit(size);
        if (endStream)
        {
            _state |= State.RequestDone;
        }

        if (!data.IsEmpty || endStream)
        {
            _stream.OnRequestData(data, endStream);
        }

        return Http2Error.None;
    }

    /// <summary>Where trailers are to be read into; null when nobody wants them.</summary>
    internal HeaderBlock? TrailersToRead => Has(State.Failed) ? null : _stream?.RequestTrailers;

    /// <summary>The trailers are complete and good. False: the body was shorter than announced.</summary>
    internal bool OnTrailers()
    {
        _state |= State.RequestEnded;
        if (_in.Announced > 0)
        {
            return false;
        }

        if (Has(State.Paused | State.NewsQueued) || !_in.IsEmpty)
        {
            _state |= State.TrailersHeld;
        }
        else if (_stream is not null && !Has(State.Failed))
        {
            DeliverTrailers();
        }

        return true;
    }

    /// <summary>The client gave it up, it was reset for what the client sent, or the connection is gone.</summary>
    internal void OnReset(ResetReason reason, ProtocolError? error)
    {
        _state |= State.Gone | State.Failed | State.RequestDone;
        Out.Drop();
        DropInput();
        if (_stream is { } stream)
        {
            stream.OnRequestReset(reason, error);
        }
        else
        {
            _streams.OnDone(this);
        }
    }

    /// <summary>The client sends no more of it.</summary>
    internal void MarkRequestEnded() => _state |= State.RequestEnded;

    /// <summary>The client gave it up, and knows that it is over.</summary>
    internal void OnClientReset()
    {
        _state |= State.RequestEnded;
        OnReset(ResetReason.StreamReset, null);
    }

    /// <summary>The request will not be completed: the stream answers, if it can still do so.</summary>
    internal void Fail(ResetReason reason, ProtocolError error)
    {
        _state |= State.Failed | State.RequestDone;
        DropInput();
        if (_stream is { } stream)
        {
            _streams.OnProtocolError(stream, error);
            stream.OnRequestReset(reason, error);
        }
    }

    /// <summary>The response is complete, and the client was told to send no more of the request.</summary>
    internal void MarkStopped()
    {
        _state |= State.Gone | State.Failed | State.RequestDone;
        DropInput();
    }

    /// <summary>Marks it as reset by us.</summary>
    internal void MarkReset()
    {
        _state |= State.Gone | State.Failed | State.RequestDone;
        Out.MarkEnded();
        Out.Drop();
        DropInput();
    }

    /// <summary>Tells what could not be told from within a call: that sending is blocked, and what was held of the request.</summary>
    internal override void TellNews()
    {
        _state = (_state & ~State.NewsQueued) | State.Telling;
        if (!Out.IsEmpty && !Has(State.BlockedTold) && _stream is not null)
        {
            _state |= State.BlockedTold;
            _stream.OnResponseBlocked();
        }

        DeliverHeld();
        _state &= ~State.Telling;
        if (IsOver)
        {
            _streams.OnDone(this);
        }
    }

    private void DeliverHeld()
    {
        if (_stream is null || Has(State.Paused | State.RequestDone) || _tunnel == ClientTunnel.Asked)
        {
            return;
        }

        if (!_in.IsEmpty)
        {
            // Taken out first: the stream may pause, reset or end within the call.
            var held = _in.TakeHeld();
            bool end = Has(State.RequestEnded) && !Has(State.TrailersHeld);
            _state |= end ? State.RequestDone : 0;
            Credit(held.Length);
            _stream.OnRequestData(held.Span, end);
            held.Drop();
        }
        else if (Has(State.RequestEnded) && !Has(State.TrailersHeld))
        {
            _state |= State.RequestDone;
            _stream.OnRequestData(default, endStream: true);
            return;
        }

        if (Has(State.TrailersHeld) && !Has(State.Paused | State.RequestDone) && _stream is not null)
        {
            DeliverTrailers();
        }
    }

    private void DeliverTrailers()
    {
        _state = (_state | State.RequestDone) & ~State.TrailersHeld;
        if (_stream!.RequestTrailers.Count > 0)
        {
            _stream.OnRequestTrailers();
        }
        else
        {
            _stream.OnRequestData(default, endStream: true);
        }
    }

    // What the answer to an extended CONNECT is in HTTP/2 (RFC 8441 §4): 200 opens the tunnel, and so must not say anything else.
    private int AnswerConnect(ResponseHead head)
    {
        if (head.Status != 101)
        {
            return head.Status is >= 200 and < 300 ? 502 : head.Status;
        }

        _tunnel = ClientTunnel.Open;
        MovedAt = _streams.Now;
        WebSocketKey.RemoveAnswer(head.Fields);
        QueueNews();
        return 200;
    }

    // Room for what was taken, in the stream's window and in the connection's.
    private void Credit(int count)
    {
        if (count == 0)
        {
            return;
        }

        if (_in.Credit(count) is > 0 and var more && !Has(State.RequestEnded | State.Gone))
        {
            FrameWriter.WriteWindowUpdate(_streams.Transport, Id, more);
        }

        _streams.TookData(count);
    }

    private void DropInput()
    {
        if (_in.Drop() is > 0 and var held)
        {
            _streams.TookData(held);
        }
    }

    private void QueueNews()
    {
        if (!Has(State.NewsQueued))
        {
            _state |= State.NewsQueued;
            _streams.HasNews(this);
        }
    }
}
