using System.Collections.Concurrent;

namespace Outrider.Net.Listening;

/// <summary>Makes the end of a filter chain from its configuration. Called when a configuration loads.</summary>
/// <param name="configuration">UTF-8 JSON of the filter's <c>config</c>; empty where there is none.</param>
/// <exception cref="FormatException">The configuration is wrong; the message says how.</exception>
public delegate IConnectionHandlerFactory ConnectionHandlerCreator(ReadOnlyMemory<byte> configuration);

/// <summary>The ends of filter chains that configurations can name, beside <c>proxy</c>, <c>tcp_proxy</c> and <c>admin</c>. Any thread.</summary>
public sealed class ConnectionHandlerRegistry
{
    private readonly ConcurrentDictionary<string, ConnectionHandlerCreator> _creators = new(StringComparer.Ordinal);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers one.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, ConnectionHandlerCreator creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (name is "proxy" or "tcp_proxy" or "admin" || !_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a connection handler named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>The creator of that name, or null.</summary>
    public ConnectionHandlerCreator? Find(string name) => _creators.GetValueOrDefault(name);
}
