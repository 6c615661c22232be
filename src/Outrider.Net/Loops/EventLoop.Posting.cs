using System.Collections.Concurrent;

namespace Outrider.Net.Loops;

/// <content>How other threads come in: what they post runs on the loop's thread, after the events at hand.</content>
public sealed partial class EventLoop
{
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _posted = new();

    /// <summary>Runs <paramref name="callback"/> on the loop, soon. Any thread; from the loop itself it runs after the events at hand.</summary>
    public void Post(SendOrPostCallback callback, object? state)
    {
        _posted.Enqueue((callback, state));
        if (!IsCurrent)
        {
            _wakeUp.Signal();
        }
    }

    /// <summary>Runs <paramref name="action"/> on the loop and completes when it has. Any thread but a loop's.</summary>
    public Task InvokeAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, null);
        return done.Task;
    }

    private void RunPosted()
    {
        // Only what is there now: a callback that posts again must not keep the loop from its connections.
        for (int n = _posted.Count; n > 0 && _posted.TryDequeue(out var work); n--)
        {
            _callbacks++;
            try
            {
                work.Callback(work.State);
            }
            catch (Exception e)
            {
                Report(e);
            }

            RunFlushes();
        }
    }
}
