namespace Outrider.StockFilters.Metadata;

/// <summary>What the driver <c>ZONE</c> is told.</summary>
public sealed class ZoneConfig
{
    /// <summary>Variables of the environment: the first that is not empty is the label. Required, and one of them must be set.</summary>
    public string[]? ZoneEnvNameList { get; set; }
}
