using Outrider.Envoy.Callbacks;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>Answers that are made here and not by the upstream.</summary>
internal sealed partial class EnvoyStream
{
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
        Request.Close();
        Response.Close();
        IsLocalReply = true;
        _responded = true;
        ReplySender.Send(Pointer, status, body, details);
    }

    /// <summary>The filter's own answer.</summary>
    internal void Reply(FilterAction action, bool ofRequest)
    {
        Request.Close();
        IsLocalReply = true;
        if (action.StreamedReply is { } streamed)
        {
            if (!ofRequest)
            {
                Fail(new InvalidOperationException("a response cannot be replaced by one that is written piece by piece"));
                return;
            }

            _streaming = new StreamingReply(this, streamed);
            _streaming.Start();
            return;
        }

        const StreamFilterMethods Encoding = StreamFilterMethods.EncodeHeaders | StreamFilterMethods.EncodeData;
        if (ofRequest && (Methods & Encoding) != 0)
        {
            _ownReply = new OwnReply(this, action);
            CallFilter(_ownReply.Start);
            return;
        }

        Response.Close();
        _responded = true;
        ReplySender.Send(Pointer, action);
    }

    /// <summary>The filter wants the stream to end without an answer.</summary>
    internal void Terminate()
    {
        Request.Close();
        Response.Close();
        StreamCallbacks.Reset(Pointer, "terminated by a filter"u8);
    }
}
