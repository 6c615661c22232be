using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Http.Grpc;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Grpc;
using Outrider.Proxy.Streams.Replies;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>A response's way back: the sender filters in order (MOSN's <c>BeforeSend</c>), then the client. Also where replies that are made here begin.</summary>
internal sealed class ResponsePath : MessagePath
{
    private ReplyBody? _replyBody;
    private NativeTrailers? _trailers;
    private bool _headPassed, _headSent, _local, _replyPending, _delivers;

    // What a filter made of a response that has no body, or no more.
    private bool _dropsBody;

    // The turn of the loop in which the head went out is over, and a filter was at work then.
    private bool _endIsDue;

    // How much of what the head announced has not been sent; −1 where it announced nothing.
    private long _left = -1;

    internal ResponsePath(ProxyStream stream, FilterChain filters) : base(stream, filters, filters.Set.SenderOrder)
    {
        Headers = new NativeResponseHeaders(stream.Response);
    }

    internal NativeResponseHeaders Headers { get; }

    internal NativeTrailers Trailers => _trailers ??= new(Stream.ResponseTrailers);

    /// <summary>Has the client been sent the head?</summary>
    internal bool HeadSent => _headSent;

    /// <summary>Is there a response, here or from upstream?</summary>
    internal bool HasBegun { get; private set; }

    /// <summary>Was the response made here?</summary>
    internal bool IsLocal => _local;

    // After 101 comes a tunnel.
    internal override bool CanCollect => Stream.Response.Status != 101;

    internal override bool IsResponse => true;

    /// <summary>The upstream's head is in the stream's <see cref="ResponseHead"/>.</summary>
    internal void OnHead(bool endStream)
    {
        HasBegun = true;
        HasEnded = endStream;
        Run();
    }

    /// <summary>Answers here, in the place of an upstream. Nothing of a response has been sent.</summary>
    internal void Reply(int status, string? text, LocalReply? reply)
    {
        // Whatever the request's filters are still doing is of no more use.
        Stream.RequestPath.Close();
        if (!Stream.TellOfLocalReply(status, Stream.Details))
        {
            Stream.Terminate("a filter wanted no local reply");
            return;
        }

        var head = Stream.Response;
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
            head.Fields.Add("date"u8, Stream.Site.DateValue());
        }

        head.ContentLength = content.IsAllowed ? body.Length : -1;
        head.Framing = body.IsEmpty ? BodyFraming.None : BodyFraming.Length;
        if (GrpcRequest.IsGrpc(Stream.Request.Fields) && !GrpcRequest.IsGrpc(head.Fields))
        {
            GrpcReply.Translate(head, body.Take(), Stream.Exchange.IsPastCallDeadline);
            body.Release();
        }

        _local = true;
        HasBegun = true;
        HasEnded = body.IsEmpty;
        _replyPending = !body.IsEmpty;
        Run();
    }

    /// <summary>Begins an answer that a filter makes piece by piece: its head is in the stream's <see cref="ResponseHead"/>, the rest comes as from an upstream.</summary>
    internal void BeginReply(bool endStream)
    {
        var head = Stream.Response;
        if (head.Fields.IndexOf("date"u8) < 0)
        {
            head.Fields.Add("date"u8, Stream.Site.DateValue());
        }

        head.Framing = endStream ? BodyFraming.None : head.ContentLength >= 0 ? BodyFraming.Length : BodyFraming.Chunked;
        _local = true;
        HasBegun = true;
        HasEnded = endStream;
        Run();
    }

    internal override void Release()
    {
        base.Release();
        _replyBody?.Release();
    }

    internal override void Reset()
    {
        base.Reset();
        HasBegun = _headPassed = _headSent = _local = _replyPending = _dropsBody = _endIsDue = false;
        _left = -1;
    }

    private protected override void Run()
    {
        if (_headPassed)
        {
            return;
        }

        for (; Index < Count; Index++)
        {
            if (!PassBy && !RunHeaders())
            {
                return;
            }
        }

        _headPassed = true;
        if (HasCollected)
        {
            // Head and body go out together, once their length is known.
            ReleaseCollected();
        }
        else
        {
            SendHead(endStream: HasEnded);
            DeliverReplyBody();
        }
    }

    /// <summary>This answer takes the place of the one that the filter saw; the filters behind it see this one.</summary>
    internal override void ReplyFrom(int place, FilterAction answer)
    {
        Stream.CancelResponse();
        base.Release();
        base.Reset();
        _headPassed = false;
        BeginBehind(place);
        Stream.Details = answer.LocalReply?.Details;
        Reply(answer.Status, answer.Text, answer.LocalReply);
    }

    private protected override StreamFilterMethods MethodOf(FilterWork work) => work switch
    {
        FilterWork.Headers => StreamFilterMethods.EncodeHeaders,
        FilterWork.Data => StreamFilterMethods.EncodeData,
        _ => StreamFilterMethods.EncodeTrailers,
    };

    private protected override bool Route(Directive directive) => throw new System.Diagnostics.UnreachableException();

    private protected override void Forward(ReadOnlySpan<byte> data, bool endStream)
    {
        if (!_headSent)
        {
            var head = Stream.Response;
            if (!HasEnded)
            {
                // Let go in the middle of its body: framed as it came.
            }
            else if (head.Framing != BodyFraming.None || !data.IsEmpty)
            {
                head.ContentLength = ResponseContent.Of(head.Status, Stream.AnswersHead).AnnounceWhole(head.ContentLength, head.LengthIsGiven, head.Framing != BodyFraming.None, data.Length);
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

        Stream.BytesOut += data.Length;
        Stream.Connection.SendData(data, endStream);
        if (_endIsDue && !endStream)
        {
            EndSoon();
        }

        if (endStream && (!Stream.IsTunnel || Stream.Exchange.TunnelEnded))
        {
            Stream.OnResponseSent();
        }
        else if (Stream.Connection.IsWriteBlocked)
        {
            Stream.UpdateFlow();
        }
    }

    private protected override void ForwardTrailers()
    {
        if (_left > 0)
        {
            FailLength();
            return;
        }

        Stream.Connection.SendTrailers(Stream.ResponseTrailers);
        Stream.OnResponseSent();
    }

    private protected override void OnCollect() => DeliverReplyBody();

    private protected override void OnRouteCleared()
    {
        // A response has no route to be matched.
    }

    private protected override void OnTooLarge() => Stream.FailResponseTooLarge();

    private protected override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => filter.EncodeHeadersAsync(filter.See(Headers), endStream);

    private protected override ValueTask<FilterAction> CallWhole(StreamFilter filter)
        => filter.EncodeResponseAsync(filter.See(Headers), filter.SeeBody(Whole, response: true), filter.SeeTrailers(HasTrailers ? Trailers : null, response: true));

    private protected override ValueTask<FilterAction> CallData(StreamFilter filter, BodyHold data, bool endStream) => filter.EncodeDataAsync(filter.SeeBody(data, response: true), endStream);

    private protected override ValueTask<FilterAction> CallTrailers(StreamFilter filter, BodyHold body)
        => filter.EncodeTrailersAsync(filter.SeeTrailers(Trailers, response: true)!, filter.SeeBody(body, response: true));

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
        _headSent = true;
        Stream.IsTunnel = Stream.Response.Status == 101;
        _dropsBody = !ResponseContent.Of(Stream.Response.Status, Stream.AnswersHead).IsAllowed;
        _left = Stream.Response.Framing == BodyFraming.Length && !Stream.IsTunnel && !_dropsBody ? Stream.Response.ContentLength : -1;
        Stream.Connection.SendHead(Stream.Response, endStream);
        if (endStream)
        {
            Stream.OnResponseSent();
        }
        else if (_dropsBody && !HasEnded && !_local)
        {
            EndSoon();
        }
    }

    // A body that nobody gets may have no end, and the client's next request must not wait for that. What has come with the head
    // is read first: where that is all of it the upstream's connection can be used again.
    private void EndSoon()
    {
        _endIsDue = false;
        Stream.Loop.Post(static state => ((UnwantedRest)state!).Cut(), new UnwantedRest(Stream));
    }

    /// <summary>Ends the response without the rest of the upstream's body, of which the client gets nothing.</summary>
    internal void EndWithoutRest()
    {
        if (IsClosed || HasEnded)
        {
            return;
        }

        if (IsWaiting)
        {
            _endIsDue = true;
            return;
        }

        Stream.CancelResponse();
        OnData(default, endStream: true);
    }

    // The upstream's codec has kept it to its word, so this is a filter's doing. What has gone out cannot be taken back.
    private void FailLength() => Stream.OnFilterFailed(
        Filters.Set.NamesWith(StreamFilterMethods.EncodeHeaders | StreamFilterMethods.EncodeData),
        new InvalidOperationException(
            $"content-length says {Stream.Response.ContentLength} bytes, a filter made them {(_left < 0 ? "more" : "fewer")}; remove the header in EncodeHeadersAsync"));

    /// <summary>Goes on with the body of an answer that was made here, as far as filters and the client take it.</summary>
    internal void DeliverReplyBody()
    {
        if (_delivers || !_replyPending)
        {
            return;
        }

        _delivers = true;
        // An answer that passes all filters by does not wait for one that is still at work on the response before it.
        while (_replyPending && !IsClosed && (!IsWaiting || PassBy) && (IsCollecting || (_headSent && CanClientTake())))
        {
            var piece = _replyBody!.Take();
            _replyPending = !_replyBody.IsEmpty;
            OnData(piece, endStream: !_replyPending);
        }

        _delivers = false;
    }

    private bool CanClientTake()
    {
        if (Stream.Connection.PendingOutput >= ReplyBody.PieceLength)
        {
            // Written within the event at hand: the kernel was not asked yet.
            Stream.Connection.SendNow();
        }

        return !Stream.Connection.IsWriteBlocked;
    }
}
