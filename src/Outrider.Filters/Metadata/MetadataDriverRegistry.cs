using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Filters;

/// <summary>Makes a driver from its configuration. Called when a configuration loads, once for each use.</summary>
/// <exception cref="FilterConfigurationException">The configuration is wrong; the path is relative to the driver's own.</exception>
public delegate IMetadataDriver MetadataDriverCreator(FilterConfiguration configuration);

/// <summary>The metadata drivers that configurations can name. Any thread.</summary>
public sealed class MetadataDriverRegistry
{
    private readonly ConcurrentDictionary<string, MetadataDriverCreator> _creators = new(StringComparer.Ordinal);

    /// <inheritdoc cref="RegisteredParts.Sorted"/>
    internal IEnumerable<KeyValuePair<string, Delegate>> Creators => RegisteredParts.Sorted(_creators);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a driver.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, MetadataDriverCreator creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a metadata driver named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Registers a driver with a typed configuration, without reflection over it: the way for NativeAOT.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add<TConfig>(string name, JsonTypeInfo<TConfig> typeInfo, Func<TConfig, IMetadataDriver> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Add(name, configuration => create(configuration.Read(typeInfo)));
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string name) => _ = _creators.TryRemove(name, out _);

    /// <summary>The creator of that name, or null.</summary>
    public MetadataDriverCreator? Find(string name) => _creators.GetValueOrDefault(name);
}
