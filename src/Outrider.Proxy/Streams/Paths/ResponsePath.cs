using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Http.Grpc;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Grpc;
using Outrider.Proxy.Streams.Exchanges;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>A response's way back: the sender filters in order (MOSN's <c>BeforeSend</c>), then the client. Also where replies that are made here begin.</summary>
internal sealed class ResponsePath : MessageEnd
{
    private readonly StreamRecord _record;
    private readonly UpstreamExchange _exchange;
    private readonly IPathOwner _owner;
    private readonly ResponseFace _face;
    private ReplyBody? _replyBody;
    private bool _headPassed, _replyPending, _delivers;

    // What a filter made of a response that has no body, or no more.
    private bool _dropsBody;

    // The turn of the loop in which the head went out is over, and a filter was at work then.
    private bool _endIsDue;

    // How much of what the head announced has not been sent; −1 where it announced nothing.
    private long _left = -1;

    /// <param name="record">The stream's.</param>
    /// <param name="filters">The stream's.</param>
    /// <param name="exchange">The other end of a tunnel.</param>
    /// <param name="owner">Who is told of what concerns the whole stream.</param>
    internal ResponsePath(StreamRecord record, FilterChain filters, UpstreamExchange exchange, IPathOwner owner)
    {
        _record = record;
        _exchange = exchange;
        _owner = owner;
        _face = new ResponseFace(record);
        Walk = new FilterWalk(record, new FilterPlaces(filters, filters.Set.SenderOrder), _face, this, owner);
    }

    /// <summary>The way through the filters.</summary>
    internal FilterWalk Walk { get; }

    /// <summary>The response's trailers, as filters see them.</summary>
    internal NativeTrailers Trailers => _face.Trailers;

    // After 101 comes a tunnel.
    internal override bool CanCollect => _record.Response.Status != 101;

    /// <summary>The upstream's head is in the stream's <see cref="ResponseHead"/>.</summary>
    internal void OnHead(bool endStream)
    {
        _record.HasResponse = true;
        Walk.HasEnded = endStream;
        Run();
    }

    /// <summary>A piece of the response's body has come.</summary>
    internal void OnData(ReadOnlySpan<byte> data, bool endStream) => Walk.OnData(data, endStream);

    /// <summary>The response's trailers have come, and end it.</summary>
    internal void OnTrailers()
    {
        _record.HasResponseTrailers = true;
        Walk.OnTrailers();
    }

    /// <summary>Answers here, in the place of an upstream. Nothing of a response has been sent.</summary>
    internal void Reply(int status, string? text, LocalReply? reply)
    {
        if (!_owner.OnLocalReply(status))
        {
            _owner.Terminate("a filter wanted no local reply");
            return;
        }

        status = _record.Controls.HijackStatus is > 0 and var wanted ? wanted : status;
        var head = _record.Response;
        head.Clear();
        head.Status = status;
        var body = _replyBody ??= new();
        var content = ResponseContent.Of(status, isHead: false);
        WriteReplyFields(head.Fields, text, reply, content.IsAllowed);
        if (reply is not null)
        {
            body.Begin(reply.Body);
        }
        else
        {
            body.Begin(text);
        }

        if (head.Fields.IndexOf("date"u8) < 0)
        {
            head.Fields.Add("date"u8, _record.Services.DateValue());
        }

        head.ContentLength = content.IsAllowed ? body.Length : -1;
        head.Framing = body.IsEmpty ? BodyFraming.None : BodyFraming.Length;
        if (GrpcRequest.IsGrpc(_record.Request.Fields) && !GrpcRequest.IsGrpc(head.Fields))
        {
            GrpcReply.Translate(head, body.Take(), _exchange.IsPastCallDeadline);
            body.Release();
        }

        _record.IsLocalReply = true;
        _record.HasResponse = true;
        Walk.HasEnded = body.IsEmpty;
        _replyPending = !body.IsEmpty;
        Run();
    }

    /// <summary>Begins an answer that a filter makes piece by piece: its head is in the stream's <see cref="ResponseHead"/>, the rest comes as from an upstream.</summary>
    internal void BeginReply(bool endStream)
    {
        var head = _record.Response;
        if (head.Fields.IndexOf("date"u8) < 0)
        {
            head.Fields.Add("date"u8, _record.Services.DateValue());
        }

        head.Framing = endStream ? BodyFraming.None : head.ContentLength >= 0 ? BodyFraming.Length : BodyFraming.Chunked;
        _record.IsLocalReply = true;
        _record.HasResponse = true;
        Walk.HasEnded = endStream;
        Run();
    }

    /// <summary>Gives back the memory that is held.</summary>
    internal void Release()
    {
        Walk.Release();
        _replyBody?.Release();
    }

    /// <summary>Forgets the response, for another one.</summary>
    internal void Reset()
    {
        Walk.Reset();
        _record.HasResponse = _record.HasResponseTrailers = _record.IsHeadSent = _record.IsLocalReply = false;
        _headPassed = _replyPending = _dropsBody = _endIsDue = false;
        _left = -1;
    }

    internal override void Run()
    {
        if (_headPassed)
        {
            return;
        }

        for (; Walk.Index < Walk.Places.Count; Walk.Index++)
        {
            if (!Walk.PassBy && !Walk.RunHeaders())
            {
                return;
            }
        }

        _headPassed = true;
        if (Walk.HasCollected)
        {
            // Head and body go out together, once their length is known.
            Walk.ReleaseCollected();
        }
        else
        {
            SendHead(endStream: Walk.HasEnded);
            DeliverReplyBody();
        }
    }

    /// <summary>This answer takes the place of the one that the filter saw; the filters behind it see this one.</summary>
    internal override void ReplyFrom(int place, FilterAction answer)
    {
        _owner.CancelResponse();
        Walk.Release();
        Walk.Reset();
        _headPassed = false;
        Walk.BeginBehind(place);
        _record.HasResponseTrailers = false;
        _record.Note(answer.LocalReply);
        Reply(answer.Status, answer.Text, answer.LocalReply);
    }

    internal override bool Route(Directive directive) => throw new System.Diagnostics.UnreachableException();

    internal override void Forward(ReadOnlySpan<byte> data, bool endStream)
    {
        if (!_record.IsHeadSent)
        {
            var head = _record.Response;
            if (!Walk.HasEnded)
            {
                // Let go in the middle of its body: framed as it came.
            }
            else if (head.Framing != BodyFraming.None || !data.IsEmpty)
            {
                head.ContentLength = ResponseContent.Of(head.Status, _record.Client.AnswersHead).AnnounceWhole(head.ContentLength, head.LengthIsGiven, head.Framing != BodyFraming.None, data.Length);
                head.Framing = !endStream ? BodyFraming.Chunked : data.IsEmpty ? BodyFraming.None : BodyFraming.Length;
            }

            SendHead(endStream: endStream && data.IsEmpty);
            if (data.IsEmpty)
            {
                return;
            }
        }

        if (_dropsBody)
        {
            data = default;
        }

        if (_left >= 0 && ((_left -= data.Length) < 0 || (endStream && _left > 0)))
        {
            FailLength();
            return;
        }

        _record.BytesOut += data.Length;
        _record.Client.Connection.SendData(data, endStream);
        if (_endIsDue && !endStream)
        {
            EndSoon();
        }

        if (endStream && (!_record.IsTunnel || _exchange.TunnelEnded))
        {
            _owner.OnResponseSent();
        }
        else if (_record.Client.Connection.IsWriteBlocked)
        {
            _owner.UpdateFlow();
        }
    }

    internal override void ForwardTrailers()
    {
        if (_left > 0)
        {
            FailLength();
            return;
        }

        _record.Client.Connection.SendTrailers(_record.ResponseTrailers);
        _owner.OnResponseSent();
    }

    internal override void OnCollect() => DeliverReplyBody();

    internal override void OnRouteCleared()
    {
        // A response has no route to be matched.
    }

    internal override void OnTooLarge() => _owner.FailResponseTooLarge();

    private static void WriteReplyFields(HeaderBlock fields, string? text, LocalReply? reply, bool hasBody)
    {
        bool hasType = false;
        if (reply is not null)
        {
            // By index: an enumerator would be an allocation.
            for (int i = 0; i < reply.Headers.Count; i++)
            {
                var (name, value) = reply.Headers[i];
                hasType |= name.Equals("content-type", StringComparison.OrdinalIgnoreCase);
                fields.AddText(name, value);
            }
        }

        if (!hasType && hasBody && (reply is { IsText: true, Body.IsEmpty: false } || !string.IsNullOrEmpty(text)))
        {
            fields.Add("content-type"u8, "text/plain; charset=utf-8"u8);
        }
    }

    private void SendHead(bool endStream)
    {
        _record.IsHeadSent = true;
        _record.IsTunnel = _record.Response.Status == 101;
        _dropsBody = !ResponseContent.Of(_record.Response.Status, _record.Client.AnswersHead).IsAllowed;
        _left = _record.Response.Framing == BodyFraming.Length && !_record.IsTunnel && !_dropsBody ? _record.Response.ContentLength : -1;
        _record.Client.Connection.SendHead(_record.Response, endStream);
        if (endStream)
        {
            _owner.OnResponseSent();
        }
        else if (_dropsBody && !Walk.HasEnded && !_record.IsLocalReply)
        {
            EndSoon();
        }
    }

    // A body that nobody gets may have no end, and the client's next request must not wait for that. What has come with the head
    // is read first: where that is all of it the upstream's connection can be used again.
    private void EndSoon()
    {
        _endIsDue = false;
        _record.Loop.Post(static state => ((UnwantedRest)state!).Cut(), new UnwantedRest(_record, this));
    }

    /// <summary>Ends the response without the rest of the upstream's body, of which the client gets nothing.</summary>
    internal void EndWithoutRest()
    {
        if (Walk.IsClosed || Walk.HasEnded)
        {
            return;
        }

        if (Walk.IsWaiting)
        {
            _endIsDue = true;
            return;
        }

        _owner.CancelResponse();
        OnData(default, endStream: true);
    }

    // The upstream's codec has kept it to its word, so this is a filter's doing. What has gone out cannot be taken back.
    private void FailLength() => _owner.OnFilterFailed(
        Walk.Places.Set.NamesWith(StreamFilterMethods.EncodeHeaders | StreamFilterMethods.EncodeData),
        new InvalidOperationException(
            $"content-length says {_record.Response.ContentLength} bytes, a filter made them {(_left < 0 ? "more" : "fewer")}; remove the header in EncodeHeadersAsync"));

    /// <summary>Goes on with the body of an answer that was made here, as far as filters and the client take it.</summary>
    internal void DeliverReplyBody()
    {
        if (_delivers || !_replyPending)
        {
            return;
        }

        _delivers = true;
        // An answer that passes all filters by does not wait for one that is still at work on the response before it.
        while (_replyPending && !Walk.IsClosed && (!Walk.IsWaiting || Walk.PassBy) && (Walk.IsCollecting || (_record.IsHeadSent && CanClientTake())))
        {
            var piece = _replyBody!.Take();
            _replyPending = !_replyBody.IsEmpty;
            OnData(piece, endStream: !_replyPending);
        }

        _delivers = false;
    }

    private bool CanClientTake()
    {
        if (_record.Client.Connection.PendingOutput >= ReplyBody.PieceLength)
        {
            // Written within the event at hand: the kernel was not asked yet.
            _record.Client.Connection.SendNow();
        }

        return !_record.Client.Connection.IsWriteBlocked;
    }
}
