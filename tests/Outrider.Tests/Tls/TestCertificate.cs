using System.Security.Cryptography.X509Certificates;

namespace Outrider.Tests.Tls;

/// <summary>A certificate and its key.</summary>
/// <param name="Pem">The certificate.</param>
/// <param name="Key">Its key.</param>
internal sealed record TestCertificate(string Pem, string Key)
{
    internal X509Certificate2 Load() => X509Certificate2.CreateFromPem(Pem, Key);
}
