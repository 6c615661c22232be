using System.Collections.Concurrent;

namespace Outrider.Filters;

/// <summary>The route handlers that proxy filters can name. Any thread.</summary>
public sealed class RouteHandlerRegistry
{
    private readonly ConcurrentDictionary<string, IRouteHandler> _handlers = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _handlers.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a handler.</summary>
    /// <exception cref="ArgumentException">The name is taken, or <c>default</c>, which is the router alone.</exception>
    public void Add(string name, IRouteHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(handler);
        if (name == "default" || !_handlers.TryAdd(name, handler))
        {
            throw new ArgumentException($"a route handler named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string name) => _ = _handlers.TryRemove(name, out _);

    /// <summary>The handler of that name, or null.</summary>
    public IRouteHandler? Find(string name) => _handlers.GetValueOrDefault(name);
}
