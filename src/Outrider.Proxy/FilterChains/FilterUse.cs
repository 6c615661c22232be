namespace Outrider.Proxy.FilterChains;

/// <summary>One listener's use, on one loop, of one configuration's filters: until it has another configuration and the last stream of this one has ended.</summary>
internal sealed class FilterUse
{
    private readonly FilterSet _filters;
    private Place[] _streams = new Place[4];
    private int _count;
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
    internal void Begin(IFilterUser stream)
    {
        if (_count == _streams.Length)
        {
            Array.Resize(ref _streams, _count * 2);
        }

        stream.PlaceInUse = _count;
        _streams[_count++].User = stream;
    }

    /// <summary>A stream's filters have ended their lives.</summary>
    internal void End(IFilterUser stream)
    {
        int place = stream.PlaceInUse;
        int end = --_count;
        if (place != end)
        {
            var last = _streams[end].User!;
            _streams[place].User = last;
            last.PlaceInUse = place;
        }

        _streams[end].User = null;
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
        var streams = _streams[.._count];
        foreach (var place in streams)
        {
            place.User!.EndEarly(reason);
        }

        return streams.Length;
    }

    // A struct: an array of an interface asks for the type of whatever is put into it.
    private struct Place
    {
        internal IFilterUser? User;
    }
}
