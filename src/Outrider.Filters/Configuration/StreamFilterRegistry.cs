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
    private readonly ConcurrentDictionary<string, StreamFilterRegistration> _filters = new(StringComparer.Ordinal);

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
        ArgumentNullException.ThrowIfNull(creator);
        Add(name, Prepare(creator, routeReader));
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
    public void Remove(string name) => _ = _filters.TryRemove(name, out _);

    /// <summary>What reads the configuration that a route may have for the filter of that name; null where the filter takes none, or was registered without it.</summary>
    public Func<FilterConfiguration, object>? FindRouteReader(string name) => _filters.GetValueOrDefault(name)?.RouteReader;

    /// <summary>The creator of that name, or null.</summary>
    public StreamFilterCreator? Find(string name) => _filters.GetValueOrDefault(name)?.Creator;

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _filters.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What filters' configurations can name in their turn now: drivers and transcoders.</summary>
    internal RegisteredParts Parts => new([.. MetadataDrivers.Creators, .. Transcoders.Creators]);

    /// <summary>A registration of this registry, for <see cref="Add(string, StreamFilterRegistration)"/>.</summary>
    internal StreamFilterRegistration Prepare(StreamFilterCreator creator, Func<FilterConfiguration, object>? routeReader)
        => new(configuration => creator(WithParts(configuration)), routeReader is null ? null : configuration => routeReader(WithParts(configuration)));

    /// <summary>Registers a filter, or puts back one that was removed.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    internal void Add(string name, StreamFilterRegistration filter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_filters.TryAdd(name, filter))
        {
            throw new ArgumentException($"a stream filter named '{name}' is registered already", nameof(name));
        }
    }

    private FilterConfiguration WithParts(FilterConfiguration configuration)
    {
        configuration.MetadataDrivers = MetadataDrivers;
        configuration.Transcoders = Transcoders;
        return configuration;
    }
}
