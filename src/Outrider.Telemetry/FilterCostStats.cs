namespace Outrider.Telemetry;

/// <summary>What a listener's filters of one name cost, a slot for each loop. Any thread; a slot is written by its loop alone.</summary>
internal sealed class FilterCostStats
{
    private readonly FilterLoopCosts[] _loops;

    /// <summary>Makes the counters.</summary>
    /// <param name="listener">The listener's name.</param>
    /// <param name="filter">The filters' name.</param>
    /// <param name="loops">How many loops there are.</param>
    public FilterCostStats(string listener, string filter, int loops)
    {
        Listener = listener;
        Filter = filter;
        _loops = new FilterLoopCosts[loops];
        for (int i = 0; i < loops; i++)
        {
            _loops[i] = new FilterLoopCosts();
        }
    }

    /// <summary>The listener's name.</summary>
    public string Listener { get; }

    /// <summary>The filters' name.</summary>
    public string Filter { get; }

    /// <summary>The slot of a loop, by its number.</summary>
    public FilterLoopCosts this[int loop] => _loops[loop];

    /// <summary>All loops together: the phases in which there was a call.</summary>
    public IEnumerable<(FilterPhase Phase, FilterCost Cost)> Phases()
    {
        foreach (var phase in Enum.GetValues<FilterPhase>())
        {
            var sum = default(FilterCost);
            foreach (var loop in _loops)
            {
                sum += loop[phase];
            }

            if (sum.Calls > 0)
            {
                yield return (phase, sum);
            }
        }
    }
}
