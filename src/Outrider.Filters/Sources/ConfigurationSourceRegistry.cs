using System.Collections.Concurrent;

namespace Outrider.Filters;

/// <summary>Makes a source of configurations from its own configuration. Called when a configuration that names it loads.</summary>
/// <exception cref="FilterConfigurationException">The configuration is wrong.</exception>
public delegate IConfigurationSource ConfigurationSourceCreator(FilterConfiguration configuration);

/// <summary>The sources that <c>configuration_sources</c> can name. Any thread.</summary>
public sealed class ConfigurationSourceRegistry
{
    private readonly ConcurrentDictionary<string, ConfigurationSourceCreator> _creators = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a source.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, ConfigurationSourceCreator creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a source of configurations named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string name) => _ = _creators.TryRemove(name, out _);

    /// <summary>The creator of that name, or null.</summary>
    public ConfigurationSourceCreator? Find(string name) => _creators.GetValueOrDefault(name);
}
