using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Ejection;

/// <summary>What came of a host's requests within an interval.</summary>
/// <param name="Host">The host.</param>
/// <param name="Total">How many there were.</param>
/// <param name="Failed">How many failed.</param>
internal readonly record struct HostRate(UpstreamHost Host, long Total, long Failed)
{
    /// <summary>Per cent that did not fail; 100 without any.</summary>
    public double SuccessPercent => Total == 0 ? 100 : 100.0 * (Total - Failed) / Total;
}
