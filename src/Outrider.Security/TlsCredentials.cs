using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Outrider.Filters;

namespace Outrider.Security;

/// <summary>A provider's material, parsed and checked. Immutable, shared by all loops.</summary>
internal sealed class TlsCredentials
{
    private TlsCredentials(string source, X509Certificate2? certificate, SslStreamCertificateContext? context, X509Certificate2Collection? authorities)
    {
        Source = source;
        Certificate = certificate;
        Context = context;
        Authorities = authorities;
        Names = certificate is null ? [] : [.. NamesOf(certificate)];
    }

    /// <summary>Where it came from, for messages; may be empty.</summary>
    internal string Source { get; }

    /// <summary>The certificate with its key; null when there is none.</summary>
    internal X509Certificate2? Certificate { get; }

    /// <summary>The certificate with its intermediates, as <see cref="SslStream"/> wants it.</summary>
    internal SslStreamCertificateContext? Context { get; }

    /// <summary>The authorities that the peer's certificate may come from; null for the system's.</summary>
    internal X509Certificate2Collection? Authorities { get; }

    /// <summary>The DNS names of the certificate: alternative names and, as in MOSN, the common name.</summary>
    internal IReadOnlyList<string> Names { get; }

    /// <summary>Parses.</summary>
    /// <exception cref="CertificateLoadException">It cannot be used; the exception says why and which part.</exception>
    internal static TlsCredentials Parse(CertificateMaterial material)
    {
        string of = material.Source.Length > 0 ? $" in {material.Source}" : "";
        var authorities = string.IsNullOrEmpty(material.Authorities) ? null : Certificates(material.Authorities, "ca_cert", "");
        if (string.IsNullOrEmpty(material.CertificateChain))
        {
            return new TlsCredentials(material.Source, null, null, authorities);
        }

        var chain = Certificates(material.CertificateChain, "cert_chain", of);
        var certificate = WithKey(chain[0], material.PrivateKey ?? "", of);
        chain.RemoveAt(0);

        // Offline: the chain is sent as it was given, and nothing is fetched from anywhere.
        return new TlsCredentials(material.Source, certificate, SslStreamCertificateContext.Create(certificate, chain, offline: true), authorities);
    }

    /// <summary>What should be known about the certificate, or null: that it has expired, or is not valid yet.</summary>
    internal string? Warning(DateTime now)
    {
        if (Certificate is not { } certificate)
        {
            return null;
        }

        string of = Source.Length > 0 ? $" in {Source}" : "";
        if (certificate.NotAfter.ToUniversalTime() < now)
        {
            return $"the certificate {certificate.Subject}{of} expired on {Utc(certificate.NotAfter)}";
        }

        return certificate.NotBefore.ToUniversalTime() > now ? $"the certificate {certificate.Subject}{of} is not valid before {Utc(certificate.NotBefore)}" : null;
    }

    internal static string Utc(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static X509Certificate2Collection Certificates(string pem, string key, string of)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException e)
        {
            throw new CertificateLoadException(key, $"a certificate{of} cannot be read: {e.Message}");
        }

        return certificates.Count > 0 ? certificates : throw new CertificateLoadException(key, $"there is no certificate{of} (PEM, \"-----BEGIN CERTIFICATE-----\")");
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, string pem, string of)
    {
        if (pem.Contains("-----BEGIN ENCRYPTED", StringComparison.Ordinal) || pem.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw new CertificateLoadException("private_key", "the private key is encrypted, and there is nobody to ask for its password; decrypt it with openssl pkey");
        }

        if (!pem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new CertificateLoadException("private_key", "there is no private key (PEM, \"-----BEGIN PRIVATE KEY-----\")");
        }

        try
        {
            return X509Certificate2.CreateFromPem(certificate.ExportCertificatePem(), pem);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CertificateLoadException("private_key", $"the private key does not belong to the certificate {certificate.Subject}{of}: {e.Message}");
        }
    }

    private static IEnumerable<string> NamesOf(X509Certificate2 certificate)
    {
        if (certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } commonName)
        {
            yield return commonName;
        }

        foreach (var extension in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            foreach (string name in extension.EnumerateDnsNames())
            {
                yield return name;
            }
        }
    }
}
