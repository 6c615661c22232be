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

    private readonly ConcurrentDictionary<string, Func<FilterConfiguration, object>> _routeReaders = new(StringComparer.Ordinal);

    /// <summary>The drivers that filters of this registry can name (<c>metadata</c> does).</summary>
    public MetadataDriverRegistry MetadataDrivers { get; } = new();

    /// <summary>The transcoders that filters of this registry can name (<c>transcoder</c> does).</summary>
    public TranscoderRegistry Transcoders { get; } = new();

    /// <summary>Registers a filter.</summary>
    /// <param name="name">The name that configurations use.</param>
    /// <param name="creator">Makes a listener's factory.</param>
    /// <param name="routeReader">
    /// Reads the configuration that a route may have for the filter; disposed once nothing uses it any more where it is
    /// <see cref="IDisposable"/>. Null: a route can have none.
    /// </param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, StreamFilterCreator creator, Func<FilterConfiguration, object>? routeReader = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(name, configuration => creator(WithParts(configuration))))
        {
            throw new ArgumentException($"a stream filter named '{name}' is registered already", nameof(name));
        }

        if (routeReader is not null)
        {
            _routeReaders[name] = configuration => routeReader(WithParts(configuration));
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
        => Add(name, configuration => configuration.Read(typeInfo), create, phase);

    /// <summary>Registers a filter class whose configuration is read in a way of its own.</summary>
    /// <param name="name">The name that configurations use.</param>
    /// <param name="read">Reads a configuration, a listener's or a route's. Where what it gives is <see cref="IDisposable"/>, it is disposed once nothing uses it any more.</param>
    /// <param name="create">Makes a filter for a stream.</param>
    /// <param name="phase">Where the receiver side runs.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicMethods)] TFilter, TConfig>(
        string name, Func<FilterConfiguration, TConfig> read, Func<TConfig, TFilter> create, ReceiverPhase phase = ReceiverPhase.BeforeRoute)
        where TFilter : StreamFilter
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(create);
        Add(
            name,
            configuration =>
            {
                var value = read(configuration);
                return new StreamFilterFactory<TFilter>(() => create(value), phase, (object?)value);
            },
            configuration => read(configuration)!);
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string name)
    {
        _ = _creators.TryRemove(name, out _);
        _ = _routeReaders.TryRemove(name, out _);
    }

    /// <summary>What reads the configuration that a route may have for the filter of that name; null where the filter takes none, or was registered without it.</summary>
    public Func<FilterConfiguration, object>? FindRouteReader(string name) => _routeReaders.GetValueOrDefault(name);

    /// <summary>The creator of that name, or null.</summary>
    public StreamFilterCreator? Find(string name) => _creators.GetValueOrDefault(name);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Another number, always greater, when what filters' configurations can name in their turn is another: drivers and transcoders.</summary>
    internal int PartsVersion => MetadataDrivers.Version + Transcoders.Version;

    private FilterConfiguration WithParts(FilterConfiguration configuration)
    {
        configuration.MetadataDrivers = MetadataDrivers;
        configuration.Transcoders = Transcoders;
        return configuration;
    }
}
