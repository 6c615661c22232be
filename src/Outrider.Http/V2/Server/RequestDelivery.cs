using Outrider.Http.Grpc;
using Outrider.Http.Headers;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Framing;

namespace Outrider.Http.V2.Server;

/// <summary>
/// What has come of a stream's request, and how it gets to the <see cref="ServerStream"/>: at once, or held while that takes nothing. A part of its stream,
/// used again with it.
/// </summary>
/// <param name="owner">The stream.</param>
internal sealed class RequestDelivery(Http2ServerStream owner)
{
    private Inflow _in;
    private long _length;
    private State _state;

    [Flags]
    private enum State : byte
    {
        /// <summary>END_STREAM has come.</summary>
        Ended = 1,

        /// <summary>The request has been given to the stream to its end, or will not be.</summary>
        Done = 2,

        Paused = 4,
        TrailersHeld = 8,

        /// <summary>What is still to come of it is passed over.</summary>
        Failed = 16,
    }

    /// <summary>Is it, or will it be, a tunnel, in which nothing but DATA has a meaning (RFC 9113 §8.5)?</summary>
    internal ClientTunnel Tunnel { get; private set; }

    /// <summary>Has END_STREAM come?</summary>
    internal bool IsEnded => Has(State.Ended);

    /// <summary>Has any of a body come?</summary>
    internal bool HasBody => _length > 0;

    /// <summary>Would more of it be taken, and does none of it wait to be?</summary>
    internal bool IsAwaited => Tunnel == ClientTunnel.None && !Has(State.Ended | State.Failed | State.Paused) && _in.IsEmpty;

    /// <summary>Where trailers are to be read into; null when nobody wants them.</summary>
    internal HeaderBlock? TrailersToRead => Has(State.Failed) ? null : owner.User?.RequestTrailers;

    // May what comes not be given to the stream now?
    private bool MustHold => Has(State.Paused) || owner.HasNews || !_in.IsEmpty;

    /// <summary>A request begins.</summary>
    /// <param name="window">What its client was told that it may send.</param>
    internal void Begin(int window)
    {
        _in = new Inflow(window);
        _length = 0;
        _state = 0;
        Tunnel = ClientTunnel.None;
    }

    /// <summary>Holds what comes from now on. The client's time does not run.</summary>
    internal void Pause()
    {
        if (!Has(State.Done))
        {
            _state |= State.Paused;
            owner.Clock.Pause(owner.Streams.Now);
        }
    }

    /// <summary>What was held is given to the stream when the event at hand is done, and what comes then at once.</summary>
    internal void Resume()
    {
        if (!Has(State.Paused))
        {
            return;
        }

        _state &= ~State.Paused;
        owner.Clock.Resume(owner.Streams.Now);
        if (!_in.IsEmpty || Has(State.Ended))
        {
            owner.QueueNews();
        }
    }

    /// <summary>The head is complete and good.</summary>
    internal void OnHead(bool endStream)
    {
        var stream = owner.User!;
        var request = stream.Request;
        stream.AnswersHead = request.IsHead;
        _in.Announced = request.ContentLength;
        if (request.IsUpgrade)
        {
            // The request ends with its head, and what follows waits for the tunnel.
            Tunnel = ClientTunnel.Asked;
            _state |= endStream ? State.Ended : 0;
            stream.OnRequestHead(endStream: true);
            return;
        }

        if (endStream)
        {
            _state |= State.Ended | State.Done;
        }
        else if (owner.Streams.Limits is { MinBodyRate: > 0 } limits && !GrpcRequest.IsGrpc(request.Fields))
        {
            owner.Clock.BeginBody(limits);
        }

        stream.OnRequestHead(endStream);
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
        var streams = owner.Streams;
        owner.Clock.Arrived(data.Length, streams.Now);
        if (!_in.Arrive(size))
        {
            return Http2Error.FlowControl;
        }

        _length += data.Length;
        if (!_in.Count(data.Length, endStream))
        {
            return Http2Error.Protocol;
        }

        _state |= endStream ? State.Ended : 0;
        if (Has(State.Failed) || owner.User is not { } stream)
        {
            // Nobody wants it any more. The stream's window stays as it is: it is to send no more.
            streams.TookData(size);
            return Http2Error.None;
        }

        if (maxBody > 0 && _length > maxBody && Tunnel == ClientTunnel.None)
        {
            streams.TookData(size);
            Fail(ResetReason.ProtocolError, ProtocolError.BodyTooLarge);
            return Http2Error.None;
        }

        if (MustHold || Tunnel == ClientTunnel.Asked)
        {
            _in.Hold(data);
            Credit(size - data.Length);
            return Http2Error.None;
        }

        Credit(size);
        if (endStream)
        {
            _state |= State.Done;
        }

        if (!data.IsEmpty || endStream)
        {
            stream.OnRequestData(data, endStream);
        }

        return Http2Error.None;
    }

    /// <summary>The trailers are complete and good. False: the body was shorter than announced.</summary>
    internal bool OnTrailers()
    {
        _state |= State.Ended;
        if (_in.Announced > 0)
        {
            return false;
        }

        if (MustHold)
        {
            _state |= State.TrailersHeld;
        }
        else if (owner.User is not null && !Has(State.Failed))
        {
            DeliverTrailers();
        }

        return true;
    }

    /// <summary>The client sends no more of it.</summary>
    internal void MarkEnded() => _state |= State.Ended;

    /// <summary>The answer has opened the tunnel that was asked for. What was held for it is given to the stream when the event at hand is done.</summary>
    internal void OpenTunnel()
    {
        Tunnel = ClientTunnel.Open;
        owner.Clock.Moved(owner.Streams.Now);
        owner.QueueNews();
    }

    /// <summary>It will not be completed: the stream answers, if it can still do so.</summary>
    internal void Fail(ResetReason reason, ProtocolError error)
    {
        GiveUp();
        if (owner.User is { } stream)
        {
            owner.Streams.OnProtocolError(stream, error);
            stream.OnRequestReset(reason, error);
        }
    }

    /// <summary>Nothing more of it is given to anybody.</summary>
    internal void GiveUp()
    {
        _state |= State.Failed | State.Done;
        Drop();
    }

    /// <summary>Forgets what is held.</summary>
    internal void Drop()
    {
        if (_in.Drop() is > 0 and var held)
        {
            owner.Streams.TookData(held);
        }
    }

    /// <summary>Gives the stream what was held.</summary>
    internal void DeliverHeld()
    {
        if (owner.User is not { } stream || Has(State.Paused | State.Done) || Tunnel == ClientTunnel.Asked)
        {
            return;
        }

        if (!_in.IsEmpty)
        {
            // Taken out first: the stream may pause, reset or end within the call.
            var held = _in.TakeHeld();
            bool end = Has(State.Ended) && !Has(State.TrailersHeld);
            _state |= end ? State.Done : 0;
            Credit(held.Length);
            stream.OnRequestData(held.Span, end);
            held.Drop();
        }
        else if (Has(State.Ended) && !Has(State.TrailersHeld))
        {
            _state |= State.Done;
            stream.OnRequestData(default, endStream: true);
            return;
        }

        if (Has(State.TrailersHeld) && !Has(State.Paused | State.Done) && owner.User is not null)
        {
            DeliverTrailers();
        }
    }

    private void DeliverTrailers()
    {
        _state = (_state | State.Done) & ~State.TrailersHeld;
        var stream = owner.User!;
        if (stream.RequestTrailers.Count > 0)
        {
            stream.OnRequestTrailers();
        }
        else
        {
            stream.OnRequestData(default, endStream: true);
        }
    }

    // Room for what was taken, in the stream's window and in the connection's.
    private void Credit(int count)
    {
        if (count == 0)
        {
            return;
        }

        if (_in.Credit(count) is > 0 and var more && !Has(State.Ended) && !owner.IsGone)
        {
            FrameWriter.WriteWindowUpdate(owner.Streams.Transport, owner.Id, more);
        }

        owner.Streams.TookData(count);
    }

    private bool Has(State any) => (_state & any) != 0;
}
