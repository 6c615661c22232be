namespace Outrider.StockFilters.Messages;

/// <summary>The message <c>MetadataMatcher.PathSegment</c>.</summary>
internal sealed class MetadataSegmentSettings
{
    /// <summary>The key.</summary>
    public string Key { get; set; } = "";
}
