using System.Net;
using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Model;

/// <summary>A page for Prometheus (the sink <c>prometheus</c>).</summary>
/// <param name="EndPoint">Where it listens.</param>
/// <param name="Path">The page's path. Default <c>/metrics</c>.</param>
/// <param name="Origin">Where the sink's entry comes from.</param>
internal sealed record MetricsSinkConfiguration(IPEndPoint EndPoint, string Path, Origin Origin)
{
    /// <summary>Which percentiles of times are told, 1 to 99. Default: none.</summary>
    public IReadOnlyList<int> Percentiles { get; init; } = [];

    /// <summary>Is what the process and its runtime take told as well? Default true.</summary>
    public bool WithProcess { get; init; } = true;
}
