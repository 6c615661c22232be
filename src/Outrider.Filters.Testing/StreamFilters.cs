namespace Outrider.Filters.Testing;

/// <summary>The filter objects of one stream: made, or taken again, where it begins; told of what is only told; ended once. On the host's loop.</summary>
internal sealed class StreamFilters(StreamRun run)
{
    private readonly StreamFilter?[] _filters = new StreamFilter?[run.Chain.Filters.Length];

    internal StreamFilter this[int place] => _filters[place]!;

    /// <summary>Makes them. False: one could not be made, and the stream has failed.</summary>
    internal bool Begin(TestContext context)
    {
        for (int i = 0; i < _filters.Length; i++)
        {
            try
            {
                var filter = run.Chain.Take(i);
                filter.Attach(context, i);
                _filters[i] = filter;
            }
            catch (Exception e)
            {
                run.Fail(run.Chain.Filters[i].Name, e);
                return false;
            }
        }

        return true;
    }

    /// <summary>Tells those that listen. That one throws changes nothing for the others.</summary>
    /// <returns>True where all have said so.</returns>
    internal bool Tell(StreamFilterMethods method, Func<StreamFilter, bool> call)
    {
        bool all = true;
        for (int i = 0; i < _filters.Length; i++)
        {
            if (_filters[i] is not { } filter || (run.Chain.Filters[i].Factory.Methods & method) == 0)
            {
                continue;
            }

            try
            {
                all &= call(filter);
            }
            catch (Exception e)
            {
                run.LogFailure(run.Chain.Filters[i].Name, e);
            }
        }

        return all;
    }

    /// <summary>The end of their lives.</summary>
    internal void End()
    {
        for (int i = 0; i < _filters.Length; i++)
        {
            if (_filters[i] is { } filter)
            {
                End(i, filter);
            }
        }
    }

    private void End(int place, StreamFilter filter)
    {
        bool keep = false;
        try
        {
            filter.OnDestroy();
            keep = filter.TryReset();
        }
        catch (Exception e)
        {
            run.LogFailure(run.Chain.Filters[place].Name, e);
        }

        filter.Attach(null);
        if (keep)
        {
            run.Chain.Keep(place, filter);
        }
    }
}
