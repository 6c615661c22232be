using Outrider.Envoy.Configuration;
using Outrider.Envoy.Streams;
using Outrider.Filters;

namespace Outrider.Envoy;

/// <summary>Where the filters come from that Envoy's configurations name: what the library was linked with, or files that they name.</summary>
internal abstract class FilterSource
{
    /// <summary>Envoy has a configuration for a filter.</summary>
    /// <exception cref="Exception">It is refused.</exception>
    internal abstract EnvoyConfiguration Configure(string filter, FilterConfiguration configuration);

    /// <summary>A route of Envoy's has a configuration for a filter.</summary>
    /// <exception cref="Exception">It is refused.</exception>
    internal abstract RouteConfiguration ConfigureRoute(string filter, FilterConfiguration configuration);
}
