using System.ComponentModel.DataAnnotations;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>MetadataKey</c>.</summary>
internal sealed class MetadataKeySettings
{
    /// <summary>The namespace. Required.</summary>
    [Required]
    public string Key { get; set; } = "";

    /// <summary>The value's key: one. Required.</summary>
    public MetadataSegmentSettings[]? Path { get; set; }
}
