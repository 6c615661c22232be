using Outrider.Filters;
using Outrider.Net.Loops;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.FilterChains;

/// <summary>The filters of one stream: made when it begins, destroyed exactly once when it ends, kept for the next stream where they allow it.</summary>
/// <param name="set">What makes the filters.</param>
/// <param name="loop">The stream's loop.</param>
/// <param name="costs">Where the costs of each go; null where nobody wants to know.</param>
internal sealed class FilterChain(FilterSet set, EventLoop loop, FilterLoopCosts[]? costs = null)
{
    private readonly StreamFilter?[] _filters = new StreamFilter?[set.Count];
    private int _made;

    internal FilterSet Set => set;

    internal int Count => set.Count;

    /// <summary>What measures calls of one direction; null where nobody wants to know.</summary>
    internal FilterMeter? NewMeter() => costs is null ? null : new FilterMeter(costs);

    /// <summary>How many calls into them are waited for. Kept here, for a stream asks it several times, and each direction's calls are objects of their own.</summary>
    internal int CallsWaitedFor { get; set; }

    /// <summary>Have filters been made for the stream at hand?</summary>
    internal bool HasBegun => _made > 0;

    /// <summary>The filter that <see cref="Begin"/> was making when it threw.</summary>
    internal string Making => set.Names[_made];

    /// <summary>Makes the filters.</summary>
    /// <exception cref="Exception">Whatever a filter's constructor threw; those made so far are destroyed by <see cref="Destroy"/>.</exception>
    internal void Begin(StreamContext context)
    {
        for (_made = 0; _made < _filters.Length; _made++)
        {
            loop.Activity = set.Names[_made];
            try
            {
                var filter = _filters[_made] ??= set.Factories[_made].CreateFilter();
                filter.Attach(context, _made);
            }
            finally
            {
                loop.Activity = null;
            }
        }
    }

    /// <summary>The filter at <paramref name="index"/>, which is about to be called.</summary>
    internal StreamFilter Enter(int index)
    {
        loop.Activity = set.Names[index];
        return _filters[index]!;
    }

    /// <summary>The filter at <paramref name="index"/>, which is not called.</summary>
    internal StreamFilter? At(int index) => index < _made ? _filters[index] : null;

    /// <summary>The place of a filter in the chain; −1 when it is none of this one's.</summary>
    internal int IndexOf(StreamFilter filter) => Array.IndexOf(_filters, filter, 0, _made);

    /// <summary>The call into a filter has returned.</summary>
    internal void Leave() => loop.Activity = null;

    /// <summary>Calls <see cref="StreamFilter.OnLog"/> of each; <paramref name="failed"/> is told what any of them throws.</summary>
    internal void Log(Action<string, Exception> failed)
    {
        if (!set.Any(StreamFilterMethods.OnLog))
        {
            return;
        }

        for (int i = 0; i < _made; i++)
        {
            try
            {
                Enter(i).OnLog();
            }
            catch (Exception e)
            {
                failed(set.Names[i], e);
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <summary>Tells those filters that override a method of an event. False where one of them has answered so; <paramref name="failed"/> is told what any of them throws.</summary>
    internal bool Tell(StreamFilterMethods method, Func<StreamFilter, bool> tell, Action<string, Exception> failed)
    {
        bool all = true;
        for (int i = 0; i < _made; i++)
        {
            if ((set.Factories[i].Methods & method) == 0)
            {
                continue;
            }

            try
            {
                all &= tell(Enter(i));
            }
            catch (Exception e)
            {
                failed(set.Names[i], e);
            }
            finally
            {
                Leave();
            }
        }

        return all;
    }

    /// <summary>Ends the life of each filter.</summary>
    internal void Destroy(Action<string, Exception> failed)
    {
        // Filters behind one that could not be made have not begun this stream: they rest here since the last one.
        int made = _made;
        _made = 0;
        for (int i = 0; i < made; i++)
        {
            var filter = Enter(i);
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
            finally
            {
                Leave();
            }

            filter.Attach(null);
            if (!keep)
            {
                _filters[i] = null;
            }
        }
    }
}
