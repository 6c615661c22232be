using Outrider.Filters;

namespace Outrider.StockFilters.Tolerance;

/// <summary>
/// Keeps requests away for a while from a host whose answers fail much more often than its cluster's altogether: MOSN's <c>fault_tolerance</c>. Only where the base has
/// hosts to give.
/// </summary>
[StreamFilter("fault_tolerance", JsonContext = typeof(ToleranceJson))]
public sealed class FaultToleranceFilter(FaultToleranceConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> EncodeHeadersAsync(ResponseHeaders headers, bool endStream)
    {
        if (config.Enabled && Stream.Host is { } host)
        {
            config.Regulator.Add(Stream.ClusterName ?? "", host, Stream.ResponseCode);
        }

        return FilterAction.Continue;
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;
}
