using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>
/// Runs the writing of one <see cref="StreamedReply"/>, and paces it by what the client takes, and by the filter's own response side. On the
/// stream's worker; after the stream's end, until the filter has let go, elsewhere.
/// </summary>
internal sealed class EnvoyReplyWriter(EnvoyStream stream, ReplyPath path, StreamedReply reply) : ReplyWriter
{
    private TaskCompletionSource? _blocked;
    private bool _hasEnded;

    /// <summary>Is the filter still writing?</summary>
    internal bool IsRunning { get; private set; }

    private bool CanTake => !path.IsWaiting && !stream.IsResponseBlocked;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_hasEnded)
        {
            throw new InvalidOperationException("the reply has ended");
        }

        stream.Link.Aborted.ThrowIfCancellationRequested();
        _ = stream.Link.Pointer;

        if (_blocked is not null)
        {
            throw new InvalidOperationException("the write before this one has not completed: await it");
        }

        if (!path.IsClosed && !bytes.IsEmpty)
        {
            path.Write(bytes.Span, endStream: false);
        }

        return path.IsClosed ? throw Cancelled()
            : stream.Link.IsOver || CanTake ? ValueTask.CompletedTask
            : new ValueTask(Blocked());
    }

    internal void Start()
    {
        IsRunning = true;
        stream.OnFilterWaits();
        // Not from within the hook that the filter answered: Envoy goes back to sleep on the request first.
        stream.Scheduler.Post(static state => _ = ((EnvoyReplyWriter)state!).RunAsync(), this);
    }

    /// <summary>The client, or the filter's response side, may have caught up; or another answer has taken the place of this one.</summary>
    internal void OnReady()
    {
        if (_blocked is not { } blocked || (!path.IsClosed && !CanTake))
        {
            return;
        }

        _blocked = null;
        if (path.IsClosed)
        {
            _ = blocked.TrySetException(Cancelled());
        }
        else
        {
            _ = blocked.TrySetResult();
        }
    }

    private static OperationCanceledException Cancelled() => new("the client has gone, or another answer has taken the place of this one");

    private async Task RunAsync()
    {
        try
        {
            if (!stream.Link.IsOver)
            {
                await WriteAllAsync();
            }
        }
        catch (Exception) when (stream.Link.IsOver || path.IsClosed)
        {
            // The client has gone, or has another answer: nobody waits for the rest.
        }
        catch (Exception e)
        {
            if (stream.Link.IsOnWorker)
            {
                path.Fail(e);
            }
            else
            {
                stream.Filter.LogFailure(e);
            }
        }
        finally
        {
            _hasEnded = true;
            IsRunning = false;
            stream.TryConclude();
        }
    }

    private async Task WriteAllAsync()
    {
        // Where there is no body, nobody would see what is written.
        bool hasBody = ResponseContent.Of(reply.Status, stream.RequestSide.Headers.IsHead).IsAllowed;
        path.Begin(reply, this, endStream: !hasBody);
        if (!hasBody)
        {
            return;
        }

        await CaughtUpAsync();
        if (stream.Link.IsOver || path.IsClosed)
        {
            return;
        }

        await reply.Write(this);
        _hasEnded = true;
        // A write that the filter did not await is still on its way.
        await CaughtUpAsync();
        if (!stream.Link.IsOver && !path.IsClosed)
        {
            path.Write(default, endStream: true);
        }
    }

    private Task CaughtUpAsync() => _blocked?.Task.WaitAsync(stream.Link.Aborted) ?? (path.IsWaiting && !path.IsClosed && !stream.Link.IsOver ? Blocked() : Task.CompletedTask);

    private Task Blocked()
    {
        _blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _blocked.Task.WaitAsync(stream.Link.Aborted);
    }
}
