using Outrider.Filters;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What the matched route configures of its own for each filter.</summary>
internal sealed partial class ProxyStreamContext
{
    private FilterStreamContext?[]? _ofFilters;

    /// <summary>
    /// What the filter at this place of the chain is given as its stream: this object, or one that knows which filter asks, where
    /// a route of this listener has something for it.
    /// </summary>
    internal StreamContext For(int filter)
    {
        var filters = _stream.Snapshot.Filters;
        return !filters.Routes.AnyFor(filter) || filters.Factories[filter] is FilterChains.IRouteConfigurableFactory
            ? this
            : (_ofFilters ??= new FilterStreamContext?[filters.Count])[filter] ??= new FilterStreamContext(this, filter);
    }

    /// <summary>What the matched route has for the filter at this place; null for nothing.</summary>
    internal object? RouteConfigurationAt(int filter)
        => filter >= 0 && _stream.Route is { } route ? _stream.Snapshot.Filters.Routes.Find(route.Number, filter) : null;

    object? IStreamControl.RouteConfigurationOf(StreamFilter filter) => RouteConfigurationAt(_stream.Filters.IndexOf(filter));
}
