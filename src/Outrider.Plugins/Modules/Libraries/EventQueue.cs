using System.Collections.Concurrent;

namespace Outrider.Plugins.Modules.Libraries;

/// <summary>Numbers of events that a module has scheduled and was not called for yet: a limited number of them, added by any thread, taken by one at a time.</summary>
/// <param name="limit">How many may wait.</param>
internal sealed class EventQueue(int limit)
{
    private readonly ConcurrentQueue<ulong> _ids = new();
    private int _waiting;
    private int _isCalled;
    private int _hasDropped;

    /// <summary>How many may wait.</summary>
    internal int Limit => limit;

    /// <summary>Adds an event, where there is room.</summary>
    internal EventQueueResult Add(ulong id)
    {
        if (Interlocked.Increment(ref _waiting) > limit)
        {
            _ = Interlocked.Decrement(ref _waiting);
            return Interlocked.Exchange(ref _hasDropped, 1) == 0 ? EventQueueResult.FirstDropped : EventQueueResult.Dropped;
        }

        _ids.Enqueue(id);
        return Interlocked.Exchange(ref _isCalled, 1) == 0 ? EventQueueResult.First : EventQueueResult.Added;
    }

    /// <summary>How many wait now.</summary>
    internal int Count => Volatile.Read(ref _waiting);

    /// <summary>Takes the next one.</summary>
    internal bool TryTake(out ulong id)
    {
        if (!_ids.TryDequeue(out id))
        {
            return false;
        }

        if (Interlocked.Decrement(ref _waiting) == 0)
        {
            Volatile.Write(ref _hasDropped, 0);
        }

        return true;
    }

    /// <summary>Whoever was called for has taken what there was when it began; is it to be called for again, by whoever asks?</summary>
    internal bool End()
    {
        // An exchange and not a write: what follows must not be read before it.
        _ = Interlocked.Exchange(ref _isCalled, 0);
        return !_ids.IsEmpty && Interlocked.Exchange(ref _isCalled, 1) == 0;
    }
}
