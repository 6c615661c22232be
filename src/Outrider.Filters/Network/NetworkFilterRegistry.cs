using System.Collections.Concurrent;

namespace Outrider.Filters;

/// <summary>Reads the configuration of a network filter, when it loads, and returns what makes a filter for each connection, on any loop.</summary>
/// <exception cref="FilterConfigurationException">The configuration is wrong.</exception>
public delegate Func<NetworkFilter> NetworkFilterCreator(FilterConfiguration configuration);

/// <summary>The network filters that configurations can name. Any thread.</summary>
public sealed class NetworkFilterRegistry
{
    private readonly ConcurrentDictionary<string, NetworkFilterCreator> _creators = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a filter.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, NetworkFilterCreator creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a network filter named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string name) => _ = _creators.TryRemove(name, out _);

    /// <summary>The creator of that name, or null.</summary>
    public NetworkFilterCreator? Find(string name) => _creators.GetValueOrDefault(name);
}
