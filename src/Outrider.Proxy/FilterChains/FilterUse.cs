namespace Outrider.Proxy.FilterChains;

/// <summary>One listener's use, on one loop, of one configuration's filters: until it has another configuration and the last stream of this one has ended.</summary>
internal sealed class FilterUse
{
    private readonly FilterSet _filters;
    private Place[] _streams = new Place[4];
    private int _count;

    // Places of which the first free one is a number, and each has that of the next. The one that became free last is taken first: it is in the
    // cache, and no other stream's has to be.
    private int _places;
    private int _free = -1;
    private bool _retired;

    internal FilterUse(FilterSet filters)
    {
        _filters = filters;
        filters.Retain();
    }

    /// <summary>The filters.</summary>
    internal FilterSet Filters => _filters;

    /// <summary>Has it been retired, and has its last stream ended?</summary>
    internal bool IsOver => _retired && _count == 0;

    /// <summary>A stream begins.</summary>
    /// <returns>Its place, for <see cref="End"/>.</returns>
    internal int Begin(IFilterUser stream)
    {
        int index = _free;
        if (index < 0)
        {
            index = NewPlace();
        }

        ref var place = ref _streams[index];
        _free = place.NextFree;
        place.User = stream;
        _count++;
        return index;
    }

    /// <summary>The filters of the stream at a place have ended their lives.</summary>
    internal void End(int index)
    {
        ref var place = ref _streams[index];
        place.User = null;
        place.NextFree = _free;
        _free = index;
        _count--;
        if (_count == 0 && _retired)
        {
            _filters.Release();
        }
    }

    /// <summary>No stream begins any more.</summary>
    internal void Retire()
    {
        if (_retired)
        {
            return;
        }

        _retired = true;
        if (_count == 0)
        {
            _filters.Release();
        }
    }

    /// <summary>Ends the streams that have not ended.</summary>
    /// <returns>How many there were.</returns>
    internal int EndStreams(string reason)
    {
        int ended = 0;
        foreach (var place in _streams[.._places])
        {
            // One that ends may end others.
            if (place.User is { } stream)
            {
                stream.EndEarly(reason);
                ended++;
            }
        }

        return ended;
    }

    private int NewPlace()
    {
        if (_places == _streams.Length)
        {
            Array.Resize(ref _streams, _places * 2);
        }

        _streams[_places].NextFree = -1;
        return _places++;
    }

    // A struct: an array of an interface asks for the type of whatever is put into it.
    private struct Place
    {
        internal IFilterUser? User;
        internal int NextFree;
    }
}
