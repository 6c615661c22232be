using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Plugins.Modules.Libraries;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Modules.Memory;

namespace Outrider.Plugins.Modules.Streams;

/// <summary>
/// What a module holds to come back to a stream's loop from a thread of its own. It may outlive the stream: what is committed
/// after the stream's end is dropped. The module has a number of it, so that one which is deleted is simply not found. Any thread.
/// </summary>
/// <remarks>
/// The stream's filter keeps it, and begins it again for the next stream where nobody has it any more. Each use has a number of its own: what is committed
/// or deleted under an earlier one, however late, does not reach this one.
/// </remarks>
internal sealed class ModuleScheduler
{
    private static readonly SendOrPostCallback s_run = static state => ((ModuleScheduler)state!).Run();

    private readonly HostPointers<ModuleScheduler>.Place _place = HostPointers<ModuleScheduler>.Rent();
    private readonly Lock _gate = new();
    private readonly EventQueue _events;

    // What follows changes only while the module has no number of it and no event of it waits.
    private EventLoop? _loop;
    private nint _stream;

    // 0 while the module has none.
    private nint _number;

    /// <param name="maxEvents">How many events may wait for the loop; one that comes then is dropped, which is logged.</param>
    internal ModuleScheduler(int maxEvents) => _events = new EventQueue(maxEvents);

    ~ModuleScheduler() => HostPointers<ModuleScheduler>.Return(_place);

    /// <summary>How many are not deleted yet.</summary>
    internal static int Count => HostPointers<ModuleScheduler>.Count;

    /// <summary>Takes it into use for a stream. False: the module has not deleted it, or an event of it waits still.</summary>
    /// <param name="loop">The stream's.</param>
    /// <param name="stream">The number of the stream's filter.</param>
    /// <param name="number">What the module is given.</param>
    internal bool TryBegin(EventLoop loop, nint stream, out nint number)
    {
        lock (_gate)
        {
            if (_number != 0 || !_events.IsAtRest)
            {
                number = 0;
                return false;
            }

            _loop = loop;
            _stream = stream;
            number = _number = HostPointers<ModuleScheduler>.Set(_place, this);
            return true;
        }
    }

    internal static bool Commit(nint number, ulong id) => HostPointers<ModuleScheduler>.Find(number) is { } scheduler && scheduler.Add(number, id);

    internal static void Delete(nint number) => HostPointers<ModuleScheduler>.Find(number)?.End(number);

    private bool Add(nint number, ulong id)
    {
        EventQueueResult result;
        lock (_gate)
        {
            // Between being found and this it may have been deleted, and begun again.
            if (_number != number)
            {
                return false;
            }

            result = _events.Add(id);
        }

        switch (result)
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

    private void End(nint number)
    {
        lock (_gate)
        {
            if (_number == number)
            {
                _number = 0;
                HostPointers<ModuleScheduler>.Clear(_place);
            }
        }
    }

    private void Post() => _loop!.Post(s_run, this);

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
