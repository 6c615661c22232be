namespace Outrider.Filters.Testing;

/// <summary>Runs the writing of one <see cref="StreamedReply"/>, paced by the response's filters and by a client that the test blocks. On the host's loop.</summary>
internal sealed class TestReplyWriter(StreamRun run, StreamedReply reply, string filter) : ReplyWriter
{
    private IMessageStep? _way;
    private TaskCompletionSource? _blocked;
    private bool _isDropped, _hasEnded;

    /// <summary>Is the filter still writing?</summary>
    internal bool IsRunning { get; private set; }

    private bool IsOpen => !_isDropped && !run.HasEnded;

    private bool CanTake => !run.IsBlocked && !run.Response.IsWaiting;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (!run.Loop.IsCurrent)
        {
            throw new InvalidOperationException("a reply is written on its stream's own thread: without ConfigureAwait(false)");
        }

        if (_hasEnded)
        {
            throw new InvalidOperationException("the reply has ended");
        }

        if (_blocked is not null)
        {
            throw new InvalidOperationException("the write before this one has not completed: await it");
        }

        if (IsOpen && !bytes.IsEmpty)
        {
            _way!.OnData(bytes.ToArray(), endStream: false);
        }

        if (!IsOpen)
        {
            throw Cancelled();
        }

        if (CanTake)
        {
            return ValueTask.CompletedTask;
        }

        _blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new ValueTask(_blocked.Task);
    }

    /// <summary>Shows the head to the response's filters, and lets the filter write.</summary>
    internal void Start(IMessageStep way)
    {
        _way = way;

        // Nobody would see a body.
        bool hasBody = ResponseContent.Of(reply.Status, run.AnswersHead).IsAllowed;
        way.OnHead(endStream: !hasBody);
        if (hasBody && IsOpen)
        {
            IsRunning = true;
            run.Loop.Post(static writer => _ = ((TestReplyWriter)writer!).RunAsync(), this);
        }
    }

    /// <summary>Another answer takes the place of this one, or there is no client any more.</summary>
    internal void Drop()
    {
        _isDropped = true;
        OnReady();
    }

    /// <summary>The client, or a filter, may have caught up.</summary>
    internal void OnReady()
    {
        if (_blocked is not { } blocked || (IsOpen && !CanTake))
        {
            return;
        }

        _blocked = null;
        if (IsOpen)
        {
            _ = blocked.TrySetResult();
        }
        else
        {
            _ = blocked.TrySetException(Cancelled());
        }
    }

    private static OperationCanceledException Cancelled() => new("the client has gone, or another answer has taken the place of this one");

    private async Task RunAsync()
    {
        try
        {
            if (IsOpen)
            {
                await reply.Write(this);
            }
        }
        catch (Exception) when (!IsOpen)
        {
            // Nobody waits for the rest.
        }
        catch (Exception e)
        {
            run.Fail(filter, e);
        }

        _hasEnded = true;
        IsRunning = false;
        if (IsOpen)
        {
            _way!.OnData([], endStream: true);
        }

        run.OnStepped();
    }
}
