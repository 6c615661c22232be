using System.Text;
using Outrider.Filters;
using Outrider.Http.Messages;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Replies;

/// <summary>Runs the writing of one <see cref="StreamedReply"/>, and paces it by what the client takes. On the stream's loop.</summary>
internal sealed class StreamedReplyWriter(StreamRecord record, FilterReplies replies, ReplyPieces pieces, StreamedReply reply, string filter) : ReplyWriter
{
    private TaskCompletionSource? _blocked;

    /// <summary>The filter that answers.</summary>
    internal string Filter => filter;

    /// <summary>Is the filter still writing?</summary>
    internal bool IsRunning { get; private set; }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!record.Loop.IsCurrent)
        {
            throw new InvalidOperationException("a reply is written on its stream's own thread: without ConfigureAwait(false)");
        }

        if (!IsRunning)
        {
            throw new InvalidOperationException("the reply has ended");
        }

        if (_blocked is not null)
        {
            throw new InvalidOperationException("the write before this one has not completed: await it");
        }

        if (!pieces.IsOpen)
        {
            throw Cancelled();
        }

        pieces.Send(bytes.Span, endStream: false);
        if (!pieces.IsOpen)
        {
            throw Cancelled();
        }

        if (pieces.CanTake)
        {
            return ValueTask.CompletedTask;
        }

        _blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        GoOnSoon();
        return new ValueTask(_blocked.Task);
    }

    /// <summary>Sends the head, and lets the filter write. Tells the stream when the filter has let go.</summary>
    internal void Start(ResponseHead head)
    {
        head.Status = reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            head.Fields.Add(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value));
        }

        // Nobody would see a body.
        if (!ResponseContent.Of(reply.Status, record.Client.AnswersHead).IsAllowed)
        {
            pieces.Begin(filter, endStream: true);
            return;
        }

        IsRunning = true;
        pieces.Ready = OnReady;
        pieces.Begin(filter, endStream: false);
        if (!pieces.IsOpen)
        {
            // A sender filter has answered otherwise, or failed.
            IsRunning = false;
            replies.OnWritten(this, null);
            return;
        }

        record.Loop.Activity = filter;
        _ = RunAsync();
        record.Loop.Activity = null;
    }

    private async Task RunAsync()
    {
        Exception? failure = null;
        try
        {
            await reply.Write(this);
        }
        catch (Exception e)
        {
            failure = e;
        }

        // The last thing that is done: the stream may begin another exchange at once.
        IsRunning = false;
        replies.OnWritten(this, failure);
    }

    private void OnReady()
    {
        if (_blocked is not { } blocked)
        {
            return;
        }

        if (!pieces.IsOpen)
        {
            _blocked = null;
            _ = blocked.TrySetException(Cancelled());
        }
        else if (pieces.CanTake)
        {
            _blocked = null;
            _ = blocked.TrySetResult();
        }
        else
        {
            GoOnSoon();
        }
    }

    // What one turn of the loop has gathered leaves at its end: a filter that writes much in one go lets others have their turn.
    private void GoOnSoon()
    {
        if (!pieces.IsHeldUp)
        {
            record.Loop.Post(static writer => ((StreamedReplyWriter)writer!).OnReady(), this);
        }
    }

    private static OperationCanceledException Cancelled() => new("the client has gone, or another answer has taken the place of this one");
}
