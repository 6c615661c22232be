using Outrider.Filters;

namespace Outrider.Proxy.FilterChains;

/// <summary>
/// A factory whose filters' configuration of a route has a name of its own, and is read in a way of its own: several of a type
/// may stand in one chain. Its filters ask for it by <c>RouteConfigurationOf</c>.
/// </summary>
internal interface IRouteConfigurableFactory : IStreamFilterFactory
{
    /// <summary>The name in <c>per_filter_config</c>.</summary>
    string RouteConfigurationName { get; }

    /// <summary>Reads what a route configures. Where the result is <see cref="IDisposable"/> it is disposed after the last stream that could use it.</summary>
    /// <exception cref="FilterConfigurationException">It is wrong.</exception>
    object ReadRouteConfiguration(FilterConfiguration configuration);
}
