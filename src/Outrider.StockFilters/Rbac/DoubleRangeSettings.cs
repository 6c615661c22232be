namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>DoubleRange</c>.</summary>
internal sealed class DoubleRangeSettings
{
    /// <summary>The first number in it.</summary>
    public double Start { get; set; }

    /// <summary>The first behind it.</summary>
    public double End { get; set; }
}
