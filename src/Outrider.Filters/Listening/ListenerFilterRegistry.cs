using System.Collections.Concurrent;

namespace Outrider.Filters;

/// <summary>Makes a listener filter from its configuration. Called when a configuration loads, not per connection.</summary>
/// <exception cref="FilterConfigurationException">The configuration is wrong.</exception>
public delegate IListenerFilter ListenerFilterCreator(FilterConfiguration configuration);

/// <summary>The listener filters that configurations can name, beside those that come with the proxy. Any thread.</summary>
public sealed class ListenerFilterRegistry
{
    private readonly ConcurrentDictionary<string, ListenerFilterCreator> _creators = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a filter.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, ListenerFilterCreator creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a listener filter named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string name) => _ = _creators.TryRemove(name, out _);

    /// <summary>The creator of that name, or null.</summary>
    public ListenerFilterCreator? Find(string name) => _creators.GetValueOrDefault(name);
}
