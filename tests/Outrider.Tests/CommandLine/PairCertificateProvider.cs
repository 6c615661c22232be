using System.Text.Json;
using Outrider.Filters;

namespace Outrider.Tests.CommandLine;

/// <summary>What the tests load as somebody else's extension: a certificate and its key from two files that <c>extend_verify</c> names.</summary>
[CertificateProvider("test-pair")]
public sealed class PairCertificateProvider(CertificateProviderContext context) : ICertificateProvider
{
    public async ValueTask<CertificateMaterial> StartAsync(Action<CertificateMaterial> renewed, CancellationToken cancellationToken)
    {
        using var own = JsonDocument.Parse(context.ExtendVerify);
        return new CertificateMaterial(
            await File.ReadAllTextAsync(Path.Combine(context.BaseDirectory, own.RootElement.GetProperty("chain").GetString()!), cancellationToken),
            await File.ReadAllTextAsync(Path.Combine(context.BaseDirectory, own.RootElement.GetProperty("key").GetString()!), cancellationToken),
            null);
    }

    public void Dispose()
    {
    }
}
