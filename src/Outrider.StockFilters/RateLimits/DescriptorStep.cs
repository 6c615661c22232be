using Outrider.StockFilters.RateLimits.Wire;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Adds an entry to a descriptor, or none.</summary>
/// <param name="source">What it is made of.</param>
/// <param name="descriptor">Where it goes.</param>
/// <returns>False: the request has no such descriptor.</returns>
internal delegate bool DescriptorStep(in DescriptorSource source, RateLimitDescriptor descriptor);
