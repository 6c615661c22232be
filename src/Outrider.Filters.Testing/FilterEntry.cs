namespace Outrider.Filters.Testing;

/// <summary>One filter of a host's chain.</summary>
/// <param name="Name">The name that configurations use.</param>
/// <param name="Factory">Makes its objects.</param>
/// <param name="ReadRoute">Reads what a route configures for it; null where it takes nothing of a route.</param>
internal sealed record FilterEntry(string Name, IStreamFilterFactory Factory, Func<FilterConfiguration, object>? ReadRoute);
