namespace Outrider.Filters;

/// <summary>What a certificate provider is made from: one <c>tls_context</c> of the configuration.</summary>
public sealed class CertificateProviderContext
{
    /// <param name="type">The provider's name, as <c>type</c> says it.</param>
    /// <param name="json">The whole <c>tls_context</c>, UTF-8 JSON.</param>
    /// <param name="extendVerify">Its <c>extend_verify</c>, the provider's own object; empty when there is none.</param>
    /// <param name="baseDirectory">Where relative paths start: the folder of the configuration file.</param>
    /// <param name="warn">Writes to the proxy's log. Any thread.</param>
    public CertificateProviderContext(string type, ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> extendVerify, string baseDirectory, Action<string> warn)
    {
        Type = type;
        Json = json;
        ExtendVerify = extendVerify;
        BaseDirectory = baseDirectory;
        Warn = warn;
    }

    /// <summary>The provider's name, as <c>type</c> says it.</summary>
    public string Type { get; }

    /// <summary>The whole <c>tls_context</c>, UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>Its <c>extend_verify</c>, the provider's own object; empty when there is none.</summary>
    public ReadOnlyMemory<byte> ExtendVerify { get; }

    /// <summary>Where relative paths start: the folder of the configuration file.</summary>
    public string BaseDirectory { get; }

    /// <summary>Where a provider that asks a plugin in another process gets it, while it is made. Default: a registry that says that there are none.</summary>
    public IPluginRegistry Plugins { get; init; } = NoPlugins.Instance;

    /// <summary>Writes to the proxy's log, as a warning. Any thread.</summary>
    public Action<string> Warn { get; }
}
