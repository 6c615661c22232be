namespace Outrider.StockFilters.Rbac;

/// <summary>The message <c>MetadataMatcher.PathSegment</c>.</summary>
internal sealed class MetadataSegmentSettings
{
    /// <summary>The key.</summary>
    public string Key { get; set; } = "";
}
