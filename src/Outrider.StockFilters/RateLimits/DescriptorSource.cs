using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>What descriptors are made of.</summary>
/// <param name="Stream">The request's stream.</param>
/// <param name="Headers">Its head.</param>
/// <param name="ServiceCluster">What this proxy is called.</param>
internal readonly record struct DescriptorSource(StreamContext Stream, RequestHeaders Headers, string ServiceCluster);
