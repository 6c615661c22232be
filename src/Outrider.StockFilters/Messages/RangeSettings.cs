namespace Outrider.StockFilters.Messages;

/// <summary>Envoy's <c>Int64Range</c> and <c>Int32Range</c>.</summary>
internal sealed class RangeSettings
{
    /// <summary>The first number in it.</summary>
    public long Start { get; set; }

    /// <summary>The first number behind it.</summary>
    public long End { get; set; }

    /// <summary>Is the number in it?</summary>
    internal bool Contains(long number) => number >= Start && number < End;
}
