using Outrider.Proxy.Entries;

namespace Outrider.Proxy.FilterChains;

/// <summary>What the routes of one listener's router configure of their own for the filters of its chain. Immutable, shared by all loops; finding allocates nothing.</summary>
internal sealed class RouteConfigurations
{
    /// <summary>No route has any.</summary>
    internal static readonly RouteConfigurations None = new([], []);

    // By the route's number, then by the filter's place in the chain.
    private readonly object?[]?[] _routes;
    private readonly bool[] _filters;

    /// <param name="routes">By the route's number, then by the filter's place in the chain; null for a route that has none.</param>
    /// <param name="values">What they come from, each once.</param>
    internal RouteConfigurations(IReadOnlyList<object?[]?> routes, IReadOnlyList<MadeEntry> values)
    {
        _routes = [.. routes];
        Values = values;
        _filters = new bool[_routes.Max(route => route?.Length) ?? 0];
        for (int filter = 0; filter < _filters.Length; filter++)
        {
            _filters[filter] = _routes.Any(route => route?[filter] is not null);
        }
    }

    /// <summary>What the objects come from, each once, with this as one of its users.</summary>
    internal IReadOnlyList<MadeEntry> Values { get; }

    /// <summary>Does any route have one for the filter at this place?</summary>
    internal bool AnyFor(int filter) => filter < _filters.Length && _filters[filter];

    /// <summary>What the route of that number has for the filter at this place; null for nothing.</summary>
    internal object? Find(int route, int filter) => route < _routes.Length && _routes[route] is { } filters ? filters[filter] : null;
}
