using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>RateLimit.HitsAddend</c>.</summary>
internal sealed class HitsSettings
{
    /// <summary>How much a request counts, 0 to 1,000,000,000.</summary>
    [Range(0, 1_000_000_000)]
    public ulong? Number { get; set; }
}
