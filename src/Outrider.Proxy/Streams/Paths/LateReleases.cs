namespace Outrider.Proxy.Streams.Paths;

/// <summary>
/// Places of filters that let their part of a message go while another filter was still at work on a piece of it, which
/// goes first. A part of its path; a set is made only for streams that come to this.
/// </summary>
internal struct LateReleases
{
    private SortedSet<int>? _places;
    private bool _clearRoute;

    internal void Add(int place, bool clearRoute)
    {
        _ = (_places ??= []).Add(place);
        _clearRoute |= clearRoute;
    }

    /// <summary>Takes the one that is next: what is further on goes first, for it came first. False: there is none.</summary>
    internal readonly bool TryTake(out int place, out bool clearRoute)
    {
        clearRoute = _clearRoute;
        if (_places is not { Count: > 0 })
        {
            place = -1;
            return false;
        }

        place = _places.Max;
        return _places.Remove(place);
    }

    /// <summary>Forgets them, for the next message.</summary>
    internal void Clear()
    {
        _places?.Clear();
        _clearRoute = false;
    }
}
