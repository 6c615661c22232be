using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Outrider.Net.Tls;
using Outrider.Security;

namespace Outrider.Plugins.Modules.Tls;

/// <summary>A certificate as Envoy's attributes tell of it. Read when a module first asks, and kept as long as the certificate. Any thread.</summary>
/// <param name="Subject">The subject as RFC 2253 writes it, the most specific part first.</param>
/// <param name="DnsName">The first of its DNS names; null when it has none.</param>
/// <param name="Uri">The first of its URIs; null when it has none.</param>
/// <param name="Digest">SHA-256 of its DER, as lower-case hexadecimal digits.</param>
internal sealed record CertificateNames(string Subject, string? DnsName, string? Uri, string Digest)
{
    private static readonly ConditionalWeakTable<X509Certificate2, CertificateNames> s_known = [];

    /// <summary>The certificate that the other side showed; null when there is none.</summary>
    internal static CertificateNames? OfPeer(TlsInfo? tls) => Of(tls?.PeerCertificate);

    /// <summary>The certificate that our side showed; null when there is none, or it has been replaced since.</summary>
    internal static CertificateNames? OfLocal(TlsInfo? tls) => Of(tls?.LocalCertificate);

    private static CertificateNames? Of(X509Certificate2? certificate)
    {
        if (certificate is null)
        {
            return null;
        }

        try
        {
            return s_known.GetValue(certificate, Read);
        }
        catch (CryptographicException)
        {
            // It has been disposed of.
            return null;
        }
    }

    private static CertificateNames Read(X509Certificate2 certificate)
    {
        string? dns = null, uri = null;
        foreach (string name in AlternativeNames.Of(certificate))
        {
            if (IPAddress.TryParse(name, out _))
            {
                continue;
            }

            // A DNS name has no colon, and a URI has one (RFC 3986 §3).
            if (name.Contains(':', StringComparison.Ordinal))
            {
                uri ??= name;
            }
            else
            {
                dns ??= name;
            }
        }

        return new CertificateNames(
            DistinguishedNames.Write(certificate.SubjectName), dns, uri, Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256)));
    }
}
