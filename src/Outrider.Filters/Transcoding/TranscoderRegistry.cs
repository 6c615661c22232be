using System.Collections.Concurrent;
using System.Text.Json.Serialization.Metadata;

namespace Outrider.Filters;

/// <summary>Reads a transcoder's configuration, when that loads. What it gives makes the transcoder of each request, on any loop.</summary>
/// <exception cref="FilterConfigurationException">The configuration is wrong; the path is relative to the transcoder's own.</exception>
public delegate Func<ITranscoder> TranscoderCreator(FilterConfiguration configuration);

/// <summary>The transcoders that configurations can name. Any thread.</summary>
public sealed class TranscoderRegistry
{
    private readonly ConcurrentDictionary<string, TranscoderCreator> _creators = new(StringComparer.Ordinal);

    /// <inheritdoc cref="RegisteredParts.Sorted"/>
    internal IEnumerable<KeyValuePair<string, Delegate>> Creators => RegisteredParts.Sorted(_creators);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a transcoder.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, TranscoderCreator creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a transcoder named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Registers a transcoder with a typed configuration, without reflection over it: the way for NativeAOT.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add<TConfig>(string name, JsonTypeInfo<TConfig> typeInfo, Func<TConfig, ITranscoder> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Add(name, configuration =>
        {
            var value = configuration.Read(typeInfo);
            return () => create(value);
        });
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string name) => _ = _creators.TryRemove(name, out _);

    /// <summary>The creator of that name, or null.</summary>
    public TranscoderCreator? Find(string name) => _creators.GetValueOrDefault(name);
}
