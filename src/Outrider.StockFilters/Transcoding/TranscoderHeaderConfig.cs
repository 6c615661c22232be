using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Transcoding;

/// <summary>A header and its whole value.</summary>
public sealed class TranscoderHeaderConfig
{
    /// <summary>The header's name. Required.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>Its whole value.</summary>
    public string Value { get; set; } = "";
}
