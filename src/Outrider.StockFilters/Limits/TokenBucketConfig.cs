using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>Envoy's <c>token_bucket</c>.</summary>
public sealed class TokenBucketConfig
{
    /// <summary>Tokens of a full bucket, 1 to 1 000 000 000. Required.</summary>
    public int MaxTokens { get; set; }

    /// <summary>Tokens that come in each interval, one after the other; 1 to 1 000 000 000. Default 1.</summary>
    public int TokensPerFill { get; set; } = 1;

    /// <summary>The interval, 1 ms to 24 days. Default 1 s.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan FillInterval { get; set; } = TimeSpan.FromSeconds(1);

    internal RateBucket Validate(string path)
    {
        Check(path + ".max_tokens", MaxTokens);
        Check(path + ".tokens_per_fill", TokensPerFill);
        if (FillInterval < TimeSpan.FromMilliseconds(1) || FillInterval.TotalMilliseconds > int.MaxValue)
        {
            throw new FilterConfigurationException(path + ".fill_interval", "wanted 1 ms to 24 days");
        }

        return new RateBucket(MaxTokens, Math.Max(1, FillInterval.Ticks / TokensPerFill));
    }

    private static void Check(string path, int value)
    {
        if (value is < 1 or > 1_000_000_000)
        {
            throw new FilterConfigurationException(path, $"found {value}, wanted 1 to 1000000000");
        }
    }
}
