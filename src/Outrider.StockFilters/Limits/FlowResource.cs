namespace Outrider.StockFilters.Limits;

/// <summary>What is counted of one resource, over all loops. Any thread.</summary>
internal sealed class FlowResource
{
    private readonly FlowWindow[] _windows;
    private readonly int _atOnce;
    private int _underWay;

    internal FlowResource(string name, FlowRuleConfig[] atOnce, FlowRuleConfig[] inPeriod)
    {
        Name = name;
        _atOnce = atOnce.Length == 0 ? int.MaxValue : (int)atOnce.Min(rule => rule.Threshold!.Value);
        _windows = [.. inPeriod.Select(rule => new FlowWindow(rule, Environment.TickCount64))];
    }

    /// <summary>Its name.</summary>
    internal string Name { get; }

    /// <summary>May a request begin?</summary>
    /// <param name="now">Milliseconds, as <see cref="Environment.TickCount64"/>.</param>
    /// <param name="wait">How many milliseconds it has to wait first; 0 mostly.</param>
    /// <returns>False: no. True: it counts as under way until <see cref="Exit"/>.</returns>
    internal bool TryEnter(long now, out int wait)
    {
        wait = 0;
        if (Interlocked.Increment(ref _underWay) > _atOnce)
        {
            Exit();
            return false;
        }

        foreach (var window in _windows)
        {
            if (!window.TryTake(now, out int turn))
            {
                Exit();
                return false;
            }

            wait = Math.Max(wait, turn);
        }

        return true;
    }

    /// <summary>A request that had entered has ended.</summary>
    internal void Exit() => Interlocked.Decrement(ref _underWay);
}
