using Outrider.StockFilters.RateLimits.Wire;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Makes one descriptor of a request: Envoy's <c>config.route.v3.RateLimit</c>, ready for use.</summary>
/// <param name="stage">Of which of several filters it is.</param>
/// <param name="hits">How much a request counts; null where the request says it, or nobody.</param>
/// <param name="steps">What makes its entries, in their order.</param>
internal sealed class DescriptorRule(int stage, ulong? hits, DescriptorStep[] steps)
{
    /// <summary>Of which of several filters it is, 0 to 10.</summary>
    internal int Stage => stage;

    /// <summary>The descriptor; null where a step finds nothing, or none finds anything.</summary>
    internal RateLimitDescriptor? Of(in DescriptorSource source)
    {
        var descriptor = new RateLimitDescriptor { HitsAddend = hits };
        foreach (var step in steps)
        {
            if (!step(source, descriptor))
            {
                return null;
            }
        }

        return descriptor.Entries.Count > 0 ? descriptor : null;
    }
}
