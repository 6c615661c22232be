using System.Collections.Concurrent;
using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Modules.Memory;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// What a module holds to come back to a stream's loop from a thread of its own. It outlives the stream: what is committed
/// after the stream's end is dropped. Kept under a number, so that one which is deleted is simply not found. Any thread.
/// </summary>
internal sealed class ModuleScheduler
{
    private static readonly ConcurrentDictionary<nint, ModuleScheduler> s_all = new();
    private static long s_last;

    private readonly EventLoop _loop;
    private readonly nint _stream;
    private readonly EventQueue _events;

    private ModuleScheduler(EventLoop loop, nint stream, int maxEvents)
    {
        _loop = loop;
        _stream = stream;
        _events = new EventQueue(maxEvents);
    }

    /// <summary>How many are not deleted yet.</summary>
    internal static int Count => s_all.Count;

    /// <summary>Makes one.</summary>
    /// <param name="loop">The stream's.</param>
    /// <param name="stream">The number of the stream's filter.</param>
    /// <param name="maxEvents">How many events may wait for the loop; one that comes then is dropped, which is logged.</param>
    internal static nint Create(EventLoop loop, nint stream, int maxEvents)
    {
        nint number = (nint)Interlocked.Increment(ref s_last);
        s_all[number] = new ModuleScheduler(loop, stream, maxEvents);
        return number;
    }

    internal static bool Commit(nint number, ulong id) => s_all.TryGetValue(number, out var scheduler) && scheduler.Commit(id);

    internal static void Delete(nint number) => s_all.TryRemove(number, out _);

    private bool Commit(ulong id)
    {
        switch (_events.Add(id))
        {
            case EventQueueResult.First:
                Post();
                return true;
            case EventQueueResult.Added:
                return true;
            case EventQueueResult.FirstDropped:
                ModuleLog.Write(StreamLogLevel.Warn, $"a module schedules more events for a stream than it takes: more than {_events.Limit} wait (library.max_events), so some are dropped");
                return false;
            default:
                return false;
        }
    }

    private void Post() => _loop.Post(static state => ((ModuleScheduler)state!).Run(), this);

    // No more than may wait at once: other streams have their turn before those that come meanwhile.
    private void Run()
    {
        try
        {
            for (int left = _events.Count; left > 0 && _events.TryTake(out ulong id); left--)
            {
                HostPointers<ModuleFilter>.Find(_stream)?.OnScheduled(id);
            }
        }
        finally
        {
            if (_events.End())
            {
                Post();
            }
        }
    }
}
