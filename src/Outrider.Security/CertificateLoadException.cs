namespace Outrider.Security;

/// <summary>A certificate, key or list of authorities cannot be used.</summary>
/// <param name="key">The key of the <c>tls_context</c> that is to blame; empty for the whole.</param>
/// <param name="message">What was wrong, and with which file.</param>
internal sealed class CertificateLoadException(string key, string message) : Exception(message)
{
    /// <summary>The key of the <c>tls_context</c> that is to blame; empty for the whole.</summary>
    public string Key { get; } = key;
}
