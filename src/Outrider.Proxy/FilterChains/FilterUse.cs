namespace Outrider.Proxy.FilterChains;

/// <summary>One listener's use, on one loop, of one configuration's filters: until it has another configuration and the last stream of this one has ended.</summary>
internal sealed class FilterUse
{
    private readonly FilterSet _filters;
    private int _streams;
    private bool _retired;

    internal FilterUse(FilterSet filters)
    {
        _filters = filters;
        filters.Retain();
    }

    /// <summary>A stream begins.</summary>
    internal void Begin() => _streams++;

    /// <summary>A stream's filters have ended their lives.</summary>
    internal void End()
    {
        if (--_streams == 0 && _retired)
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
        if (_streams == 0)
        {
            _filters.Release();
        }
    }
}
