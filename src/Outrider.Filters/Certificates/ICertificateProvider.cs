namespace Outrider.Filters;

/// <summary>
/// Where a listener or cluster gets its certificate, key and trusted authorities from: files, another process, a vault. One
/// for each <c>tls_context</c>, made by a <see cref="CertificateProviderCreator"/> when a configuration loads and disposed of
/// when the last configuration that has it is gone.
/// </summary>
public interface ICertificateProvider : IDisposable
{
    /// <summary>
    /// Gets what is valid now. Called once, before the listener opens; the proxy does not start, or keeps the configuration
    /// that it has, when this throws, and shows the exception's message to its user.
    /// </summary>
    /// <param name="renewed">
    /// To be called, from any thread and as often as there is something newer. New connections then get that; what cannot be
    /// used is logged, and what was in force stays.
    /// </param>
    /// <param name="cancellationToken">Cancelled when it takes longer than the proxy waits: 30 s.</param>
    ValueTask<CertificateMaterial> StartAsync(Action<CertificateMaterial> renewed, CancellationToken cancellationToken);
}
