using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Transcoding;

/// <summary>MOSN's <c>MatcherConfig</c>.</summary>
public sealed class TranscoderMatcherConfig
{
    /// <summary><c>simpleMatcher</c> alone. Required.</summary>
    [Required]
    [AllowedValues("simpleMatcher")]
    public string MatcherType { get; set; } = "";

    /// <summary>A header that requests have. Default: all requests.</summary>
    public TranscoderHeaderConfig? Config { get; set; }
}
