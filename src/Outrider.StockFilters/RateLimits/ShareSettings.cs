using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>FractionalPercent</c>.</summary>
internal sealed class ShareSettings
{
    /// <summary>How many. Default 0.</summary>
    public uint Numerator { get; set; }

    /// <summary>Of how many: <c>HUNDRED</c>, <c>TEN_THOUSAND</c> or <c>MILLION</c>. Default <c>HUNDRED</c>.</summary>
    public string Denominator { get; set; } = "HUNDRED";

    /// <summary>The share, 0 to 1; more than all is all, as in Envoy.</summary>
    /// <exception cref="FilterConfigurationException">It is of something else.</exception>
    internal double Read(string path)
    {
        double whole = Denominator switch
        {
            "HUNDRED" => 100,
            "TEN_THOUSAND" => 10_000,
            "MILLION" => 1_000_000,
            _ => throw new FilterConfigurationException(path + ".denominator", $"found \"{Denominator}\", wanted \"HUNDRED\", \"TEN_THOUSAND\" or \"MILLION\""),
        };
        return Math.Min(1, Numerator / whole);
    }
}
