namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>DoubleMatcher</c>: one of these.</summary>
internal sealed class DoubleMatcherSettings
{
    /// <summary>The number.</summary>
    public double? Exact { get; set; }

    /// <summary>Numbers from one to below another.</summary>
    public DoubleRangeSettings? Range { get; set; }
}
