using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>RateLimitPerRoute</c>.</summary>
internal sealed class RateLimitRouteSettings
{
    /// <summary>Which descriptors of the listener's filter are used as well: <c>OVERRIDE</c> where the route has none, <c>INCLUDE</c> all, <c>IGNORE</c> none. Default <c>OVERRIDE</c>.</summary>
    [AllowedValues("OVERRIDE", "INCLUDE", "IGNORE")]
    public string VhRateLimits { get; set; } = "OVERRIDE";

    /// <summary>The same, and comes first: <c>OVERRIDE_POLICY</c>, <c>INCLUDE_POLICY</c>, <c>IGNORE_POLICY</c>. Default <c>DEFAULT</c>: what <see cref="VhRateLimits"/> says.</summary>
    [AllowedValues("DEFAULT", "OVERRIDE_POLICY", "INCLUDE_POLICY", "IGNORE_POLICY")]
    public string OverrideOption { get; set; } = "DEFAULT";

    /// <summary>What makes the route's descriptors. Default: nothing.</summary>
    public RuleSettings[]? RateLimits { get; set; }

    /// <summary>The route's domain. Default, and empty: the listener's.</summary>
    public string Domain { get; set; } = "";
}
