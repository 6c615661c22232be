using System.Text;
using Outrider.Envoy.Callbacks;
using Outrider.Filters;
using Outrider.Hosting.Calls;
using Outrider.Hosting.Driving;

namespace Outrider.Envoy.Streams;

/// <summary>
/// The way of the filter's own answer through the filter's own response side. Envoy keeps a filter from what it sends itself, while a
/// filter sees every response in Outrider's proxy: so it is shown here, before Envoy has it. Whole, or piece by piece.
/// </summary>
/// <remarks>Whatever sends to Envoy may end the stream before it returns.</remarks>
internal sealed class ReplyPath
{
    private readonly EnvoyStream _stream;
    private readonly FilterCall _call;

    // What the filter is shown of the body, and what is collected for one that wants all of it.
    private readonly BodyHold _piece = new();
    private readonly BodyHold _whole = new();
    private FilterDriver _driver;
    private string? _details;
    private EnvoyReplyWriter? _writer;
    private bool _ended, _headPassed, _dropsBody;

    internal ReplyPath(EnvoyStream stream)
    {
        _stream = stream;
        _call = new FilterCall(stream.Post, OnCallEnded);
    }

    /// <summary>The answer's head, as long as Envoy does not have it.</summary>
    internal ReplyHeaders? Headers { get; private set; }

    /// <summary>Has Envoy been given the head?</summary>
    internal bool IsHeadSent { get; private set; }

    /// <summary>Is the filter still at work on it?</summary>
    internal bool IsWaiting => _call.IsPending;

    /// <summary>Does nothing of the answer go on, because another has taken its place?</summary>
    internal bool IsClosed { get; private set; }

    internal EnvoyStream Stream => _stream;

    internal FilterCall Pending => _call;

    /// <summary>Is the answer over with its head?</summary>
    internal bool IsHeadAlone => _ended && _piece.IsEmpty;

    /// <summary>An answer that is all here.</summary>
    internal void Begin(FilterAction answer)
    {
        Headers = ReplyHeaders.Of(answer, _piece);
        _details = answer.LocalReply?.Details;
        _ended = true;
        ShowHead();
    }

    /// <summary>An answer that comes piece by piece.</summary>
    /// <param name="reply">Its head.</param>
    /// <param name="writer">Who writes it; told whenever the filter is done with a piece.</param>
    /// <param name="endStream">Nothing follows the head.</param>
    internal void Begin(StreamedReply reply, EnvoyReplyWriter writer, bool endStream)
    {
        Headers = new ReplyHeaders(reply.Status, reply.Headers);
        _writer = writer;
        _ended = endStream;
        ShowHead();
    }

    /// <summary>The next piece of an answer that comes so, with the filter done with the one before.</summary>
    internal void Write(ReadOnlySpan<byte> bytes, bool endStream)
    {
        _ended |= endStream;
        _piece.Append(bytes);
        GoOn(ShowBody());
    }

    /// <summary>Nothing of it goes on from here.</summary>
    internal void Close()
    {
        IsClosed = true;
        Headers = null;
    }

    /// <summary>It fails, and with it the stream: as an answer as long as Envoy has no head, as a cut after that.</summary>
    internal void Fail(Exception e)
    {
        if (!IsHeadSent)
        {
            _stream.Replies.Fail(e);
            return;
        }

        IsClosed = true;
        _stream.Filter.LogFailure(e);
        StreamCallbacks.Reset(_stream.Link.Here, "outrider_filter_failed"u8);
    }

    /// <summary>Makes ready for another stream.</summary>
    internal void Reset()
    {
        Release();
        _driver = default;
        Headers = null;
        _details = null;
        _writer = null;
        _ended = _headPassed = _dropsBody = IsHeadSent = IsClosed = false;
    }

    internal bool Overrides(FilterWork work) => work switch
    {
        FilterWork.Headers => (_stream.Methods & StreamFilterMethods.EncodeHeaders) != 0,
        FilterWork.Data => (_stream.Methods & StreamFilterMethods.EncodeData) != 0,
        FilterWork.Whole => true,
        _ => false,
    };

    /// <summary>Calls a method of the filter with what it is shown of its answer.</summary>
    internal ValueTask<FilterAction> Call(StreamFilter filter, FilterWork work, bool endStream) => work switch
    {
        FilterWork.Headers => filter.EncodeHeadersAsync(filter.See(Headers!), endStream),
        FilterWork.Data => filter.EncodeDataAsync(filter.SeeBody(_piece, response: true), endStream),
        _ => filter.EncodeResponseAsync(filter.See(Headers!), filter.SeeBody(_whole, response: true), null),
    };

    /// <summary>The filter answers with something else. It is not shown that one: this could go on for ever.</summary>
    internal void ReplaceWith(FilterAction answer)
    {
        Close();
        _stream.Replies.ReplyPast(answer);
    }

    private void ShowHead()
    {
        var sink = new ReplySink(this);
        GoOn(_driver.OnHead(ref sink, IsHeadAlone));
    }

    private Directive ShowBody()
    {
        if (_driver.IsCollecting)
        {
            _whole.AppendAll(_piece);
            _piece.Release();
            if (_whole.Length > _stream.BufferLimit)
            {
                _stream.Replies.ReplyHere(502, "the response is larger than filters may collect");
                return Directive.Stop;
            }
        }

        var sink = new ReplySink(this);
        return _driver.OnData(ref sink, _piece.IsEmpty, _ended);
    }

    private void OnCallEnded()
    {
        var sink = new ReplySink(this);
        GoOn(_driver.OnAnswer(ref sink));
        _writer?.OnReady();
    }

    private void GoOn(Directive directive)
    {
        if (directive == Directive.Collect && _ended)
        {
            // All of it is here already.
            directive = ShowBody();
        }

        if (directive is Directive.Pass or Directive.Unseen && !_headPassed)
        {
            _headPassed = true;
            if (_driver.Work == FilterWork.Headers && _writer is null && !_piece.IsEmpty)
            {
                directive = ShowBody();
            }
        }

        if (directive is Directive.Pass or Directive.Unseen && !IsClosed)
        {
            Send();
        }
    }

    private void Send()
    {
        var body = _driver.Work == FilterWork.Whole ? _whole : _piece;
        if (_writer is null)
        {
            IsHeadSent = true;
            _stream.Replies.Send(Headers!, body.Span, _details);
        }
        else if (!IsHeadSent && SendHead(body))
        {
            return;
        }
        else if (!_stream.Link.IsOver && !_dropsBody && (_ended || !body.IsEmpty))
        {
            if (_ended)
            {
                _stream.OnResponded();
            }

            StreamCallbacks.SendData(_stream.Link.Here, body.Span, _ended);
        }

        Release();
    }

    /// <summary>Begins an answer that comes piece by piece. True: it was over with that.</summary>
    private bool SendHead(BodyHold body)
    {
        var headers = Headers!;
        bool hasBody = ResponseContent.Of(headers.Status, _stream.RequestSide.Headers.IsHead).IsAllowed;
        bool endStream = !hasBody || (_ended && body.IsEmpty);
        if (endStream)
        {
            _stream.OnResponded();
        }
        else if (_driver.Work == FilterWork.Whole)
        {
            // The filter has had all of it, and it goes out in one: its length is known.
            AnnouncedLength.Write(headers, body.Length);
        }

        IsHeadSent = true;
        _dropsBody = !hasBody;
        _stream.Response.PassBy();
        ReplySender.SendHead(_stream.Link.Here, headers, endStream);
        return endStream;
    }

    private void Release()
    {
        _piece.Release();
        _whole.Release();
    }
}
