using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Http.Rules;
using Outrider.Http.Streams;
using Outrider.Http.Upgrades;
using Outrider.Http.V2.FlowControl;
using Outrider.Http.V2.Framing;
using Outrider.Http.V2.Sending;
using Outrider.Net.Transports;

namespace Outrider.Http.V2.Client;

/// <summary>
/// One exchange on a client connection. What it has to send waits here until the windows let it go, what has come until the receiver takes
/// it: the window that the peer has is opened again when that is taken. On the connection's loop; used again for another exchange.
/// </summary>
internal sealed class Http2ClientStream : SendingStream, IExchange
{
    private ClientStreams _streams = null!;
    private IResponseReceiver? _receiver;
    private RequestHead _request = null!;
    private Inflow _in;
    private byte _informational;
    private State _state;

    [Flags]
    private enum State : ushort
    {
        HasHead = 1,

        /// <summary>The response is complete as far as the peer is concerned.</summary>
        ResponseEnded = 2,
        Paused = 4,
        TrailersHeld = 8,

        NewsQueued = 64,
        IsHead = 128,

        /// <summary>An extended CONNECT, each of whose directions ends by itself.</summary>
        Tunnel = 256,

        /// <summary>Over: nothing is told, nothing is sent.</summary>
        Over = 512,

        /// <summary>The peer does not know extended CONNECT: it ends before it has begun.</summary>
        Refused = 1024,
    }

    /// <inheritdoc/>
    public Transport Transport => _streams.Transport;

    /// <inheritdoc/>
    public bool IsWriteBlocked => !Out.IsEmpty;

    /// <inheritdoc/>
    public int PendingOutput => Out.Length;

    internal bool HasHead => Has(State.HasHead);

    /// <summary>Is the object free for another exchange?</summary>
    internal bool IsFree => !Has(State.NewsQueued);

    internal void Begin(ClientStreams streams, IResponseReceiver receiver, RequestHead request, int receiveWindow, bool endStream, bool connects)
    {
        (_streams, _receiver, _request, Id) = (streams, receiver, request, 0);
        Out = default;
        _in = new Inflow(receiveWindow);
        _informational = 0;
        _state = (request.IsHead ? State.IsHead : 0) | (connects ? State.Tunnel : 0);
        if (endStream && !connects)
        {
            Out.MarkEnded();
        }
    }

    /// <summary>Its head is being sent.</summary>
    internal void Open(int id, int sendWindow)
    {
        Id = id;
        Out.Window = new SendWindow(sendWindow);
    }

    /// <summary>The request, as long as it is not over.</summary>
    internal RequestHead Request => _request;

    /// <summary>Ends it when the event at hand is done: its peer cannot do what is asked.</summary>
    internal void RefuseLater()
    {
        _state |= State.Refused;
        QueueNews();
    }

    /// <inheritdoc/>
    public void SendNow() => Transport.SendNow();

    /// <inheritdoc/>
    public void SendData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (!Has(State.Over) && !Out.EndIsAsked && (!data.IsEmpty || endStream))
        {
            _streams.Sender.Send(this, data, endStream);
            EndTunnelIfDone();
        }
    }

    /// <inheritdoc/>
    public void SendTrailers(HeaderBlock trailers)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        if (trailers.Count == 0)
        {
            SendData(default, endStream: true);
        }
        else if (!Has(State.Over) && !Out.EndIsAsked)
        {
            Out.EndWithTrailers(RequestFields.Rent(trailers, out int length), length);
            if (Out.IsEmpty)
            {
                _streams.Sender.WriteEnd(this);
            }
        }
    }

    /// <inheritdoc/>
    public void PauseResponse() => _state |= State.Paused;

    /// <inheritdoc/>
    public void ResumeResponse()
    {
        if (Has(State.Paused))
        {
            _state &= ~State.Paused;
            if (!_in.IsEmpty || Has(State.ResponseEnded))
            {
                QueueNews();
            }
        }
    }

    /// <inheritdoc/>
    public void Cancel()
    {
        if (!Has(State.Over))
        {
            _receiver = null;
            _streams.Reset(this, Http2Error.Cancel);
        }
    }

    /// <summary>A piece of DATA. Returns <see cref="Http2Error.None"/>, or for what the stream is to be reset.</summary>
    /// <param name="data">Without padding.</param>
    /// <param name="size">With padding: what it takes of the window.</param>
    /// <param name="endStream">Nothing follows.</param>
    internal Http2Error OnData(ReadOnlySpan<byte> data, int size, bool endStream)
    {
        if (!_in.Arrive(size))
        {
            return Http2Error.FlowControl;
        }

        bool isEmptyByDefinition = Has(State.IsHead);
        if (!HasHead || Has(State.ResponseEnded) || (isEmptyByDefinition && !data.IsEmpty) || !_in.Count(data.Length, endStream))
        {
            return Http2Error.Protocol;
        }

        _state |= endStream ? State.ResponseEnded : 0;
        if (Has(State.Paused | State.NewsQueued) || !_in.IsEmpty)
        {
            _in.Hold(data);
            Credit(size - data.Length);
            return Http2Error.None;
        }

        Credit(size);
        if (!data.IsEmpty || endStream)
        {
            Deliver(data, endStream);
        }

        return Http2Error.None;
    }

    /// <summary>A head or trailers. Null, or what is wrong with them.</summary>
    internal string? OnBlock(ResponseFields fields, ReadOnlySpan<byte> block, bool endStream, int maxInformational)
    {
        if (Has(State.Tunnel) && HasHead)
        {
            fields.Skip(block);
            return "a header block in a tunnel";
        }

        if (HasHead)
        {
            string? bad = fields.ReadTrailers(block, _receiver!.ResponseTrailers);
            if (bad is not null || !endStream || _in.Announced > 0 || Has(State.ResponseEnded))
            {
                return bad ?? "trailers that end nothing, or too early";
            }

            _state |= State.ResponseEnded | State.TrailersHeld;
            if (!Has(State.Paused | State.NewsQueued) && _in.IsEmpty)
            {
                DeliverEnd();
            }

            return null;
        }

        var head = _receiver!.ResponseHead;
        if (fields.ReadHead(block, head, endStream) is { } wrong)
        {
            return wrong;
        }

        if (head.Status is >= 100 and < 200)
        {
            if (endStream || head.Status == 101 || ++_informational > maxInformational)
            {
                return "an informational response that is none";
            }

            _receiver.OnInformational();
            return null;
        }

        bool isEmptyByDefinition = Has(State.IsHead) || head.Status is 204 or 304;
        if (endStream && head.ContentLength > 0 && !isEmptyByDefinition)
        {
            return "less than content-length says";
        }

        _state |= State.HasHead;
        _in.Announced = isEmptyByDefinition ? -1 : head.ContentLength;
        if (Has(State.Tunnel) && head.Status is >= 200 and < 300 && !endStream)
        {
            AnswerUpgrade(head);
        }
        else
        {
            _state &= ~State.Tunnel;
        }

        if (endStream)
        {
            _state |= State.ResponseEnded;
            var receiver = _receiver;
            _streams.Finish(this);
            receiver.OnResponseHead(endStream: true);
        }
        else
        {
            _receiver.OnResponseHead(endStream: false);
        }

        return null;
    }

    /// <summary>It is over; the receiver is told, unless it has given up.</summary>
    internal void Fail(UpstreamFailure failure)
    {
        var receiver = _receiver;
        Release();
        receiver?.OnUpstreamReset(failure);
    }

    /// <summary>Gives back what it holds; nothing is told or sent any more.</summary>
    internal void Release()
    {
        _state |= State.Over;
        _receiver = null;
        _request = null!;
        Out.Drop();
        if (_in.Drop() is > 0 and var held)
        {
            _streams.Took(held);
        }
    }

    /// <summary>Tells what could not be told from within a call.</summary>
    internal override void TellNews()
    {
        _state &= ~State.NewsQueued;
        if (Has(State.Over))
        {
            return;
        }

        if (Has(State.Refused))
        {
            var receiver = _receiver;
            _receiver = null;
            _streams.Reset(this, Http2Error.Cancel);
            receiver?.OnUpstreamReset(new UpstreamFailure(ResetReason.ProtocolError, 0, NothingSent: false, WasReused: false, ResponseBegun: false, Http2Errors.NoConnectProtocol));
            return;
        }

        if (!_in.IsEmpty && !Has(State.Paused))
        {
            // Taken out first: the receiver may pause or end it within the call.
            var held = _in.TakeHeld();
            Credit(held.Length);
            Deliver(held.Span, Has(State.ResponseEnded) && !Has(State.TrailersHeld));
            held.Drop();
        }
        else if (!Has(State.Paused) && Has(State.ResponseEnded) && !Has(State.TrailersHeld))
        {
            Deliver(default, endStream: true);
        }

        if (Has(State.TrailersHeld) && !Has(State.Paused | State.Over) && _in.IsEmpty)
        {
            DeliverEnd();
        }
    }

    internal override void OnSent() => _receiver?.OnRequestProgress();

    internal override void OnAllSent()
    {
        if (Has(State.Over))
        {
            return;
        }

        _receiver?.OnRequestWritten();
        EndTunnelIfDone();
    }

    /// <summary>Was all of the request sent?</summary>
    internal bool IsRequestSent => Out.EndIsSent;

    private void Deliver(ReadOnlySpan<byte> data, bool endStream)
    {
        var receiver = _receiver;
        if (endStream && !Has(State.Tunnel))
        {
            _streams.Finish(this);
        }

        receiver?.OnResponseData(data, endStream);
        if (endStream)
        {
            EndTunnelIfDone();
        }
    }

    // Each direction of a tunnel ends by itself; with the second one the stream does.
    private void EndTunnelIfDone()
    {
        if (Has(State.Tunnel) && Has(State.ResponseEnded) && Out.EndIsSent && !Has(State.Over | State.NewsQueued) && _in.IsEmpty)
        {
            _streams.Finish(this);
        }
    }

    private void DeliverEnd()
    {
        var receiver = _receiver!;
        _streams.Finish(this);
        if (receiver.ResponseTrailers.Count > 0)
        {
            receiver.OnResponseTrailers();
        }
        else
        {
            receiver.OnResponseData(default, endStream: true);
        }
    }

    // What HTTP/1 would answer, for that is what the other side asked for.
    private void AnswerUpgrade(ResponseHead head)
    {
        head.Status = 101;
        head.Framing = BodyFraming.None;
        head.Fields.Add("upgrade"u8, _request.UpgradeProtocol, KnownHeader.Upgrade);
        WebSocketKey.Answer(_request.Fields, head.Fields);
    }

    // Room for what was taken, in the stream's window and in the connection's.
    private void Credit(int count)
    {
        if (count == 0)
        {
            return;
        }

        if (_in.Credit(count) is > 0 and var more && !Has(State.ResponseEnded | State.Over))
        {
            FrameWriter.WriteWindowUpdate(Transport, Id, more);
        }

        _streams.Took(count);
    }

    private void QueueNews()
    {
        if (!Has(State.NewsQueued))
        {
            _state |= State.NewsQueued;
            _streams.HasNews(this);
        }
    }

    private bool Has(State any) => (_state & any) != 0;
}
