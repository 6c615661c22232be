namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>RateLimit.HitsAddend</c>.</summary>
internal sealed class HitsSettings
{
    /// <summary>How much a request counts, 0 to 1,000,000,000.</summary>
    public ulong? Number { get; set; }
}
