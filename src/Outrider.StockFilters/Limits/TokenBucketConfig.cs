using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>Envoy's <c>token_bucket</c>.</summary>
public sealed class TokenBucketConfig
{
    /// <summary>Tokens of a full bucket, 1 to 1 000 000 000. Required.</summary>
    [Range(1, 1_000_000_000)]
    public int MaxTokens { get; set; }

    /// <summary>Tokens that come in each interval, one after the other; 1 to 1 000 000 000. Default 1.</summary>
    [Range(1, 1_000_000_000)]
    public int TokensPerFill { get; set; } = 1;

    /// <summary>The interval, 1 ms to 24 days. Default 1 s.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    [DurationRange("1ms")]
    public TimeSpan FillInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The same, ready for use.</summary>
    internal RateBucket ToBucket() => new(MaxTokens, Math.Max(1, FillInterval.Ticks / TokensPerFill));
}
