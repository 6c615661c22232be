using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Mirroring;

/// <summary>MOSN's: <c>{ "amplification": 2, "broadcast": false }</c>.</summary>
public sealed class MirrorConfig : IMetricsUser
{
    /// <summary>How many copies of a request, 1 to 1000. Default 1.</summary>
    [Range(1, 1000)]
    public int Amplification { get; set; } = 1;

    /// <summary>One copy to each host instead, and the client gets a 200 at once: the route's own cluster gets nothing. Default false, as in MOSN.</summary>
    public bool Broadcast { get; set; }

    [JsonIgnore]
    internal FilterCounter Copies { get; private set; } = null!;

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Copies = metrics.CreateCounter("copies", "cluster");
    }
}
