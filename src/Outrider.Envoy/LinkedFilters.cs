using Outrider.Envoy.Configuration;
using Outrider.Envoy.Streams;
using Outrider.Filters;

namespace Outrider.Envoy;

/// <summary>The filters that are part of this library.</summary>
internal sealed class LinkedFilters : FilterSource
{
    internal StreamFilterRegistry Registry { get; } = new();

    internal override EnvoyConfiguration Configure(string filter, FilterConfiguration configuration)
    {
        var creator = Registry.Find(filter) ?? throw NoFilter();
        return new EnvoyConfiguration(new ModuleConfiguration(filter, creator(configuration)));
    }

    internal override RouteConfiguration ConfigureRoute(string filter, FilterConfiguration configuration)
    {
        if (Registry.Find(filter) is null)
        {
            throw NoFilter();
        }

        var read = Registry.FindRouteReader(filter) ?? throw new FilterConfigurationException("the filter takes no configuration, so a route can have none for it");
        return new RouteConfiguration(filter, read(configuration));
    }

    private FilterConfigurationException NoFilter() => new($"the module has no filter of this name; it has: {string.Join(", ", Registry.Names)}");
}
