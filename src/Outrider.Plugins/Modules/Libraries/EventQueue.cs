namespace Outrider.Plugins.Modules.Libraries;

/// <summary>Numbers of events that a module has scheduled and was not called for yet: a limited number of them, added by any thread, taken by one at a time.</summary>
/// <remarks>One for each stream that waits for a thread of its module's, so it is small, and takes no memory while no more wait than did before.</remarks>
/// <param name="limit">How many may wait.</param>
internal sealed class EventQueue(int limit)
{
    // What a flood took goes back to the system when it is over.
    private const int MostKept = 64;

    private readonly Lock _gate = new();
    private readonly Queue<ulong> _ids = new();
    private bool _isCalled, _hasDropped;

    /// <summary>How many may wait.</summary>
    internal int Limit => limit;

    /// <summary>Does none wait, and was nobody called for who has not said that it is done?</summary>
    internal bool IsAtRest
    {
        get
        {
            lock (_gate)
            {
                return !_isCalled && _ids.Count == 0;
            }
        }
    }

    /// <summary>Adds an event, where there is room.</summary>
    internal EventQueueResult Add(ulong id)
    {
        lock (_gate)
        {
            if (_ids.Count >= limit)
            {
                var dropped = _hasDropped ? EventQueueResult.Dropped : EventQueueResult.FirstDropped;
                _hasDropped = true;
                return dropped;
            }

            _ids.Enqueue(id);
            var added = _isCalled ? EventQueueResult.Added : EventQueueResult.First;
            _isCalled = true;
            return added;
        }
    }

    /// <summary>How many wait now.</summary>
    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _ids.Count;
            }
        }
    }

    /// <summary>Takes the next one.</summary>
    internal bool TryTake(out ulong id)
    {
        lock (_gate)
        {
            if (!_ids.TryDequeue(out id))
            {
                return false;
            }

            _hasDropped &= _ids.Count > 0;
            return true;
        }
    }

    /// <summary>Whoever was called for has taken what there was when it began; is it to be called for again, by whoever asks?</summary>
    internal bool End()
    {
        lock (_gate)
        {
            _isCalled = _ids.Count > 0;
            if (!_isCalled && _ids.Capacity > MostKept)
            {
                _ids.TrimExcess();
            }

            return _isCalled;
        }
    }
}
