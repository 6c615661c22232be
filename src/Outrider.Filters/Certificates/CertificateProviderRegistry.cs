using System.Collections.Concurrent;

namespace Outrider.Filters;

/// <summary>Makes a provider from a <c>tls_context</c>. Called when a configuration loads; it must not wait: <see cref="ICertificateProvider.StartAsync"/> may.</summary>
/// <exception cref="FilterConfigurationException">The configuration is wrong.</exception>
public delegate ICertificateProvider CertificateProviderCreator(CertificateProviderContext context);

/// <summary>The certificate providers that configurations can name by <c>tls_context.type</c>. Any thread.</summary>
public sealed class CertificateProviderRegistry
{
    private readonly ConcurrentDictionary<string, CertificateProviderCreator> _creators = new(StringComparer.Ordinal);

    /// <summary>Registers a provider.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(string name, CertificateProviderCreator creator)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(creator);
        if (!_creators.TryAdd(name, creator))
        {
            throw new ArgumentException($"a certificate provider named '{name}' is registered already", nameof(name));
        }
    }

    /// <summary>Configurations that load from now on cannot name it; what was made for others stays theirs.</summary>
    public void Remove(string name) => _ = _creators.TryRemove(name, out _);

    /// <summary>The creator of that name, or null.</summary>
    public CertificateProviderCreator? Find(string name) => _creators.GetValueOrDefault(name);

    /// <summary>Every name, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _creators.Keys.Order(StringComparer.Ordinal)];
}
