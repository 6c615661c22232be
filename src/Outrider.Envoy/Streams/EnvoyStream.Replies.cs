using Outrider.Envoy.Callbacks;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>Answers that are made here and not by the upstream.</summary>
internal sealed partial class EnvoyStream
{
    private EnvoyReplyWriter? _writer;
    private ReplyPath? _ownReply;

    // The filter has heard of the answer that Envoy is given.
    private bool _replyIsTold;

    /// <summary>The way of an answer of the filter's own through the filter.</summary>
    private ReplyPath OwnReply => _ownReply ??= new ReplyPath(this);

    /// <summary>The head of an answer of the filter's own that Envoy does not have yet.</summary>
    internal ReplyHeaders? OwnHead => _ownReply is { IsHeadSent: false } own ? own.Headers : null;

    /// <summary>Has a response's head gone on from this filter?</summary>
    internal bool IsResponseHeadGone => Response.IsHeadGone || _ownReply is { IsHeadSent: true };

    /// <summary>The filter threw, or answered what it may not: this stream fails, and no other.</summary>
    internal void Fail(Exception e)
    {
        LogFailure(e);
        if (!_isOver)
        {
            ReplyHere(500, "internal error", "outrider_filter_failed"u8);
        }
    }

    /// <summary>Answers here, past this filter.</summary>
    internal void ReplyHere(int status, string body, ReadOnlySpan<byte> details = default)
    {
        CloseAll();
        IsLocalReply = true;
        _responded = true;
        // Envoy tells the filter of this one.
        _replyIsTold = false;
        ReplySender.Send(Pointer, status, body, details);
    }

    /// <summary>The filter's own answer.</summary>
    internal void Reply(FilterAction action, bool ofRequest)
    {
        Request.Close();
        if (action.StreamedReply is { } streamed)
        {
            IsLocalReply = true;
            _writer = new EnvoyReplyWriter(this, OwnReply, streamed);
            _writer.Start();
            return;
        }

        const StreamFilterMethods Encoding = StreamFilterMethods.EncodeHeaders | StreamFilterMethods.EncodeData;
        if (!ofRequest || (Methods & Encoding) == 0)
        {
            ReplyPast(action);
        }
        else if (TellOfReply(action))
        {
            OwnReply.Begin(action);
        }
    }

    /// <summary>The filter's own answer, which its response side does not see.</summary>
    internal void ReplyPast(FilterAction action)
    {
        if (TellOfReply(action))
        {
            Response.Close();
            _responded = true;
            ReplySender.Send(Pointer, action);
        }
    }

    /// <summary>A whole answer of the filter's own has passed its response side.</summary>
    internal void SendWhole(ReplyHeaders headers, ReadOnlySpan<byte> body, string? details)
    {
        Response.PassBy();
        _responded = true;
        ReplySender.Send(Pointer, headers, body, details);
    }

    /// <summary>The filter wants the stream to end without an answer.</summary>
    internal void Terminate()
    {
        CloseAll();
        StreamCallbacks.Reset(Pointer, "terminated by a filter"u8);
    }

    /// <summary>
    /// The filter hears of an answer of its own before it is shown it; Envoy would tell it after that, when it is given the answer. False:
    /// the filter wants the stream to end without it.
    /// </summary>
    private bool TellOfReply(FilterAction action)
    {
        IsLocalReply = true;
        if ((Methods & StreamFilterMethods.OnLocalReply) == 0)
        {
            return true;
        }

        _replyIsTold = true;
        if (AskFilter(action.Status, action.LocalReply?.Details ?? ""))
        {
            return true;
        }

        Terminate();
        return false;
    }

    private void CloseAll()
    {
        Request.Close();
        Response.Close();
        _ownReply?.Close();
    }
}
