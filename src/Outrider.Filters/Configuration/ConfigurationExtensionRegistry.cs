using System.Collections.Concurrent;

namespace Outrider.Filters;

/// <summary>Who reads entries of <c>extends</c>, by their <c>type</c>. Any thread.</summary>
public sealed class ConfigurationExtensionRegistry
{
    private readonly ConcurrentDictionary<string, Func<FilterConfiguration, IConfigurationExtension>> _creators = new(StringComparer.Ordinal);

    /// <summary>Every type, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a reader.</summary>
    /// <exception cref="ArgumentException">The type is taken.</exception>
    public void Add(string type, Func<FilterConfiguration, IConfigurationExtension> creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(type, creator))
        {
            throw new ArgumentException($"somebody reads extends of the type '{type}' already", nameof(type));
        }
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string type) => _ = _creators.TryRemove(type, out _);

    /// <summary>Who reads that type, or null.</summary>
    public Func<FilterConfiguration, IConfigurationExtension>? Find(string type) => _creators.GetValueOrDefault(type);
}
