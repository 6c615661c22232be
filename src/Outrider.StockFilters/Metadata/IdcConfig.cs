namespace Outrider.StockFilters.Metadata;

/// <summary>What the driver <c>IDC</c> is told.</summary>
public sealed class IdcConfig
{
    /// <summary>Variables of the environment: the first that is not empty is the label. Required, and one of them must be set.</summary>
    public string[]? IdcEnvNameList { get; set; }
}
