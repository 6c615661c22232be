namespace Outrider.Proxy.Telemetry;

/// <summary>One loop's share of what a listener's filters of one name cost, by <see cref="FilterPhase"/>. The loop alone writes; any thread may read.</summary>
internal sealed class FilterLoopCosts : PaddedCounters
{
    private readonly FilterCost[] _phases = new FilterCost[(int)FilterPhase.EncodeResponse + 1];

    /// <summary>That of a phase.</summary>
    public ref FilterCost this[FilterPhase phase] => ref _phases[(int)phase];
}
