using Outrider.Filters;
using Outrider.Net;

namespace Outrider.Proxy.FilterChains;

/// <summary>The filters of one stream: made when it begins, destroyed exactly once when it ends, kept for the next stream where they allow it.</summary>
internal sealed class FilterChain(FilterSet set, EventLoop loop)
{
    private readonly StreamFilter?[] _filters = new StreamFilter?[set.Count];
    private bool _begun;

    internal FilterSet Set => set;

    internal int Count => set.Count;

    /// <summary>Makes the filters.</summary>
    /// <exception cref="Exception">Whatever a filter's constructor threw; those made so far are destroyed by <see cref="Destroy"/>.</exception>
    internal void Begin(StreamContext context)
    {
        _begun = true;
        for (int i = 0; i < _filters.Length; i++)
        {
            var filter = _filters[i] ??= set.Factories[i].CreateFilter();
            filter.Attach(context);
        }
    }

    /// <summary>The filter at <paramref name="index"/>, which is about to be called.</summary>
    internal StreamFilter Enter(int index)
    {
        loop.Activity = set.Names[index];
        return _filters[index]!;
    }

    /// <summary>The call into a filter has returned.</summary>
    internal void Leave() => loop.Activity = null;

    /// <summary>Calls <see cref="StreamFilter.OnLog"/> of each; <paramref name="failed"/> is told what any of them throws.</summary>
    internal void Log(Action<string, Exception> failed)
    {
        if (!_begun || !set.Any(StreamFilterMethods.OnLog))
        {
            return;
        }

        for (int i = 0; i < _filters.Length; i++)
        {
            try
            {
                _filters[i]?.OnLog();
            }
            catch (Exception e)
            {
                failed(set.Names[i], e);
            }
        }
    }

    /// <summary>Ends the life of each filter.</summary>
    internal void Destroy(Action<string, Exception> failed)
    {
        if (!_begun)
        {
            return;
        }

        _begun = false;
        for (int i = 0; i < _filters.Length; i++)
        {
            var filter = _filters[i];
            if (filter is null)
            {
                continue;
            }

            bool keep = false;
            try
            {
                filter.OnDestroy();
                keep = filter.TryReset();
            }
            catch (Exception e)
            {
                failed(set.Names[i], e);
            }

            filter.Attach(null);
            if (!keep)
            {
                _filters[i] = null;
            }
        }
    }
}
