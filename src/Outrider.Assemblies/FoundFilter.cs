using Outrider.Filters;

namespace Outrider.Assemblies;

/// <summary>A stream filter that an assembly brings.</summary>
/// <param name="Name">The name that configurations use.</param>
/// <param name="Creator">Makes a listener's factory.</param>
/// <param name="RouteReader">Reads the configuration that a route may have for it; null: a route can have none.</param>
internal sealed record FoundFilter(string Name, StreamFilterCreator Creator, Func<FilterConfiguration, object>? RouteReader);
