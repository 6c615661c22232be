using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.Transcoding;

/// <summary>MOSN's <c>TransferRuleConfig</c>: which requests, and how they are rewritten.</summary>
public sealed class TranscoderRuleConfig
{
    /// <summary>Which requests. Required.</summary>
    [Required]
    public TranscoderMatcherConfig? MatcherConfig { get; set; }

    /// <summary>How. Required.</summary>
    [Required]
    public TranscoderRuleInfoConfig? RuleInfo { get; set; }
}
