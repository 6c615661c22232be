using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>FractionalPercent</c>.</summary>
internal sealed class ShareSettings
{
    /// <summary>How many. Default 0.</summary>
    public uint Numerator { get; set; }

    /// <summary>Of how many: <c>HUNDRED</c>, <c>TEN_THOUSAND</c> or <c>MILLION</c>. Default <c>HUNDRED</c>.</summary>
    [AllowedValues("HUNDRED", "TEN_THOUSAND", "MILLION")]
    public string Denominator { get; set; } = "HUNDRED";

    /// <summary>The share, 0 to 1; more than all is all, as in Envoy.</summary>
    internal double Read()
        => Math.Min(1, Numerator / (Denominator switch { "TEN_THOUSAND" => 10_000.0, "MILLION" => 1_000_000, _ => 100 }));
}
