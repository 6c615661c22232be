namespace Outrider.Telemetry;

/// <summary>One loop's share of what a listener's filters of one name cost, by <see cref="FilterPhase"/>. The loop alone writes; any thread may read.</summary>
internal sealed class FilterLoopCosts
{
    // Of 40 bytes each: what the loops write has cache lines of its own (PaddedCounters says why), before and after.
    private const int Padding = 4;

    private readonly FilterCost[] _phases = new FilterCost[Padding + (int)FilterPhase.EncodeResponse + 1 + Padding];

    /// <summary>That of a phase.</summary>
    public ref FilterCost this[FilterPhase phase] => ref _phases[Padding + (int)phase];
}
