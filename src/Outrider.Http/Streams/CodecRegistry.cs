using System.Collections.Concurrent;

namespace Outrider.Http.Streams;

/// <summary>The protocols that configurations can name, beside those that come with the proxy. Any thread.</summary>
public sealed class CodecRegistry
{
    private readonly ConcurrentDictionary<string, ICodec> _codecs = new(StringComparer.Ordinal);

    /// <summary>The names of those that can be spoken with clients, sorted.</summary>
    public IReadOnlyList<string> ServerNames => Names<IServerCodec>();

    /// <summary>The names of those that can be spoken with upstreams, sorted.</summary>
    public IReadOnlyList<string> UpstreamNames => Names<IUpstreamCodec>();

    /// <summary>Registers a codec.</summary>
    /// <exception cref="ArgumentException">The name is taken or has a comma, or the codec is for neither side.</exception>
    public void Add(string name, ICodec codec)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (codec is not (IServerCodec or IUpstreamCodec))
        {
            throw new ArgumentException($"{codec?.GetType()} implements neither {nameof(IServerCodec)} nor {nameof(IUpstreamCodec)}", nameof(codec));
        }

        if (name.Contains(',', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{name}': a codec's name has no comma, which parts names from each other", nameof(name));
        }

        if (!_codecs.TryAdd(name, codec))
        {
            throw new ArgumentException($"a codec named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Is that name taken?</summary>
    public bool Has(string name) => _codecs.ContainsKey(name);

    /// <summary>The codec of that name that can be spoken with clients, or null.</summary>
    public IServerCodec? FindServer(string name) => _codecs.GetValueOrDefault(name) as IServerCodec;

    /// <summary>The codec of that name that can be spoken with upstreams, or null.</summary>
    public IUpstreamCodec? FindUpstream(string name) => _codecs.GetValueOrDefault(name) as IUpstreamCodec;

    private IReadOnlyList<string> Names<T>() where T : ICodec => [.. _codecs.Where(codec => codec.Value is T).Select(codec => codec.Key).Order(StringComparer.Ordinal)];
}
