using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Filters;

/// <summary>Makes a listener's factory from the filter's configuration. Called when a configuration loads, not per stream.</summary>
/// <exception cref="FilterConfigurationException">The configuration is wrong.</exception>
public delegate IStreamFilterFactory StreamFilterCreator(FilterConfiguration configuration);

/// <summary>The stream filters that configurations can name. Any thread.</summary>
public sealed class StreamFilterRegistry
{
    private readonly ConcurrentDictionary<string, StreamFilterCreator> _creators = new(StringComparer.Ordinal);

    /// <summary>Registers a filter.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, StreamFilterCreator creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a stream filter named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Registers a filter class with a typed configuration, without reflection over it: the way for NativeAOT.</summary>
    /// <param name="name">The name that configurations use.</param>
    /// <param name="typeInfo">How the configuration is read (a source-generated <c>JsonSerializerContext</c> has it).</param>
    /// <param name="create">Makes a filter for a stream.</param>
    /// <param name="phase">Where the receiver side runs.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] TFilter, TConfig>(
        string name, JsonTypeInfo<TConfig> typeInfo, Func<TConfig, TFilter> create, ReceiverPhase phase = ReceiverPhase.BeforeRoute)
        where TFilter : StreamFilter
        => Add(name, configuration =>
        {
            var value = configuration.Read(typeInfo);
            return new StreamFilterFactory<TFilter>(() => create(value), phase);
        });

    /// <summary>The creator of that name, or null.</summary>
    public StreamFilterCreator? Find(string name) => _creators.GetValueOrDefault(name);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];
}
