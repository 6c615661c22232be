using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>What <c>local_rate_limit</c> is told.</summary>
public sealed class LocalRateLimitConfig : IValidatable, IMetricsUser
{
    /// <summary>The bucket. Required.</summary>
    [Required]
    public TokenBucketConfig? TokenBucket { get; set; }

    /// <summary>What has a bucket of its own: <c>all</c> (one for all requests), <c>route</c>, <c>address</c> (the client's), or <c>header</c>. Default <c>all</c>.</summary>
    [AllowedValues("all", "route", "address", "header")]
    public string Key { get; set; } = "all";

    /// <summary>The header whose value has a bucket of its own, with <c>header</c>; requests without it share one.</summary>
    public string Header { get; set; } = "";

    /// <summary>How many keys are kept, 8 to 16 777 216: 16 bytes each. Default 65 536.</summary>
    [Range(8, 16 * 1024 * 1024)]
    public int MaxKeys { get; set; } = 65_536;

    /// <summary>The status of a refusal, 400 to 599. Default 429.</summary>
    [Range(400, 599)]
    public int Status { get; set; } = 429;

    /// <summary>Does every answer tell of the limit (<c>RateLimit-Limit</c>, <c>-Remaining</c>, <c>-Reset</c>)? Default true.</summary>
    public bool Headers { get; set; } = true;

    [JsonIgnore]
    internal RateBucket Bucket { get; private set; }

    [JsonIgnore]
    internal RateTable Table { get; private set; } = null!;

    [JsonIgnore]
    internal byte[] HeaderBytes { get; private set; } = [];

    [JsonIgnore]
    internal LocalReply Refusal { get; private set; } = null!;

    [JsonIgnore]
    internal FilterCounter Limited { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        Bucket = TokenBucket!.ToBucket();
        HeaderBytes = System.Text.Encoding.ASCII.GetBytes(Header.ToLowerInvariant());
        if (Key == "header" && !HeaderSyntax.IsToken(HeaderBytes))
        {
            throw new FilterConfigurationException("$.header", "wanted a header's name");
        }

        Table = new RateTable(Key is "all" ? 8 : MaxKeys);
        Refusal = new LocalReply(Status, "too many requests") { Details = "local_rate_limited", Flags = ResponseFlags.RateLimited };
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Limited = metrics.CreateCounter("rate_limited");
    }
}
