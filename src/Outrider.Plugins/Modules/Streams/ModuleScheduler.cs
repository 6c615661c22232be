using System.Collections.Concurrent;
using Outrider.Net.Loops;
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

    private ModuleScheduler(EventLoop loop, nint stream)
    {
        _loop = loop;
        _stream = stream;
    }

    /// <summary>How many are not deleted yet.</summary>
    internal static int Count => s_all.Count;

    internal static nint Create(EventLoop loop, nint stream)
    {
        nint number = (nint)Interlocked.Increment(ref s_last);
        s_all[number] = new ModuleScheduler(loop, stream);
        return number;
    }

    internal static bool Commit(nint number, ulong id)
    {
        if (!s_all.TryGetValue(number, out var scheduler))
        {
            return false;
        }

        scheduler._loop.Post(static state => ((Event)state!).Run(), new Event(scheduler._stream, id));
        return true;
    }

    internal static void Delete(nint number) => s_all.TryRemove(number, out _);

    private sealed class Event(nint stream, ulong id)
    {
        internal void Run() => HostPointers<ModuleFilter>.Find(stream)?.OnScheduled(id);
    }
}
