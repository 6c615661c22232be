using Outrider.Filters;

namespace Outrider.StockFilters.Stats;

/// <summary>Counts streams at their end, by values and labels that expressions make of them: MOSN's <c>istio.stats</c>, with Istio's metrics where nothing else is said.</summary>
[StreamFilter("istio.stats", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(StatsJson))]
public sealed class StatsFilter(StatsConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override void OnLog()
    {
        // As in MOSN: what was never answered is not counted.
        if (Stream.ResponseHeaders is null)
        {
            return;
        }

        foreach (var metric in config.All)
        {
            metric.Record(Stream);
        }
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;
}
