using System.Collections.Concurrent;

namespace Outrider.Filters.Testing;

/// <summary>The one thread that a host's filters run on, as they run on a loop of a base: what they await comes back to it.</summary>
internal sealed class TestLoop : SynchronizationContext, IDisposable
{
    private readonly BlockingCollection<(SendOrPostCallback Work, object? State)> _queue = [];
    private readonly Thread _thread;

    internal TestLoop()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "filter test" };
        _thread.Start();
    }

    internal bool IsCurrent => Thread.CurrentThread == _thread;

    public override void Post(SendOrPostCallback d, object? state)
    {
        try
        {
            _queue.Add((d, state));
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            // The host is gone, and what a filter still awaited with it.
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("a loop is not waited for");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Does something on the loop, behind what is there already.</summary>
    internal Task RunAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(
            _ =>
            {
                try
                {
                    work();
                    done.SetResult();
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            null);
        return done.Task;
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        if (!IsCurrent)
        {
            _thread.Join();
        }

        _queue.Dispose();
    }

    private void Run()
    {
        SetSynchronizationContext(this);
        foreach (var (work, state) in _queue.GetConsumingEnumerable())
        {
            work(state);
        }
    }
}
