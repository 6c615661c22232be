using Outrider.StockFilters.RateLimits.Wire;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Adds entries to descriptors.</summary>
internal static class DescriptorEntries
{
    /// <summary>Adds one.</summary>
    /// <returns>True, for a <see cref="DescriptorStep"/>.</returns>
    internal static bool Add(this RateLimitDescriptor descriptor, string key, string value)
    {
        descriptor.Entries.Add(new RateLimitDescriptor.Types.Entry { Key = key, Value = value });
        return true;
    }
}
