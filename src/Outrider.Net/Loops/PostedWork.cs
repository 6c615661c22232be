using System.Collections.Concurrent;

namespace Outrider.Net.Loops;

/// <summary>What other threads want done on a loop's thread. It runs after the events at hand.</summary>
/// <param name="loop">The loop.</param>
internal sealed class PostedWork(EventLoop loop)
{
    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _posted = new();

    /// <summary>Is there nothing to do? Any thread.</summary>
    internal bool IsEmpty => _posted.IsEmpty;

    /// <summary>Adds to it. Any thread.</summary>
    internal void Add(SendOrPostCallback callback, object? state) => _posted.Enqueue((callback, state));

    /// <summary>Does what is there; one that fails is reported, and the next has its turn. On the loop.</summary>
    internal void Run()
    {
        // Only what is there now: a callback that posts again must not keep the loop from its connections.
        for (int n = _posted.Count; n > 0 && _posted.TryDequeue(out var work); n--)
        {
            loop.CountCallback();
            try
            {
                work.Callback(work.State);
            }
            catch (Exception e)
            {
                loop.Report(e);
            }

            loop.RunFlushes();
        }
    }
}
