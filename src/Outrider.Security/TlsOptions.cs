using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Outrider.Configuration.Model;

namespace Outrider.Security;

/// <summary>Turns a context's configuration and credentials into what <see cref="SslStream"/> takes.</summary>
internal static class TlsOptions
{
    private static readonly TlsCipherSuite[] s_suitesOfTls13 =
        [TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_AES_128_GCM_SHA256];

    // Only where the configuration says insecure_skip, or asks clients for any certificate at all.
#pragma warning disable CA5359
    private static readonly RemoteCertificateValidationCallback s_acceptAny = (_, _, _, _) => true;
#pragma warning restore CA5359

    /// <summary>A listener's side. The credentials have a certificate.</summary>
    internal static SslServerAuthenticationOptions ForServer(TlsConfiguration configuration, TlsCredentials credentials)
    {
        bool asks = configuration.VerifyClient || configuration.RequireClientCert;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = asks && credentials.Authorities is { } authorities ? WithTrust(credentials, authorities) : credentials.Context,
            EnabledSslProtocols = configuration.Versions,
            CipherSuitesPolicy = Policy(configuration),
            ApplicationProtocols = Protocols(configuration),
            AllowRenegotiation = false,
            ClientCertificateRequired = asks,
            CertificateChainPolicy = asks ? ChainPolicy(credentials) : null,
            RemoteCertificateValidationCallback = asks ? ClientRule(configuration) : null,
        };
    }

    /// <summary>A cluster's side, for a host of that name and what is to be spoken to it.</summary>
    internal static SslClientAuthenticationOptions ForClient(TlsConfiguration configuration, TlsCredentials credentials, string host, List<SslApplicationProtocol>? protocols) => new()
    {
        TargetHost = host,
        EnabledSslProtocols = configuration.Versions,
        CipherSuitesPolicy = Policy(configuration),
        ApplicationProtocols = Offered(configuration, protocols),
        AllowRenegotiation = false,
        ClientCertificateContext = credentials.Context,
        CertificateChainPolicy = ChainPolicy(credentials),
        RemoteCertificateValidationCallback = configuration.InsecureSkip ? s_acceptAny : null,
    };

    // HTTP/1 alone needs no ALPN, and some servers want none. Where the configuration says something, only that is offered.
    private static List<SslApplicationProtocol>? Offered(TlsConfiguration configuration, List<SslApplicationProtocol>? protocols)
    {
        bool isHttp1 = protocols is null || protocols is [var only] && only == SslApplicationProtocol.Http11;
        if (isHttp1 || configuration.ApplicationProtocols.Count > 0)
        {
            List<SslApplicationProtocol> offered = [.. (protocols ?? [SslApplicationProtocol.Http11]).Where(configuration.ApplicationProtocols.Contains)];
            return offered.Count > 0 || isHttp1 ? offered is [] ? null : offered : protocols;
        }

        return protocols;
    }

    // Nothing is fetched while a handshake waits: no missing intermediates, no lists of revoked certificates.
    private static X509ChainPolicy ChainPolicy(TlsCredentials credentials)
    {
        var policy = new X509ChainPolicy { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };
        if (credentials.Authorities is { } authorities)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        return policy;
    }

    private static SslStreamCertificateContext WithTrust(TlsCredentials credentials, X509Certificate2Collection authorities)
        => SslStreamCertificateContext.Create(
            credentials.Certificate!,
            [.. credentials.Context!.IntermediateCertificates],
            offline: true,
            SslCertificateTrust.CreateForX509Collection(authorities, sendTrustInHandshake: true));

    // Go does not let the suites of TLS 1.3 be chosen, so MOSN's lists never name them, and mean to keep them.
#pragma warning disable CA1416 // Linux, as the engine below.
    private static CipherSuitesPolicy? Policy(TlsConfiguration configuration)
        => configuration.CipherSuites is not { } suites
            ? null
            : new CipherSuitesPolicy(suites.Any(s_suitesOfTls13.Contains) || (configuration.Versions & SslProtocols.Tls13) == 0 ? suites : [.. s_suitesOfTls13, .. suites]);
#pragma warning restore CA1416

    private static List<SslApplicationProtocol>? Protocols(TlsConfiguration configuration)
        => configuration.ApplicationProtocols.Count > 0 ? [.. configuration.ApplicationProtocols] : null;

    // Null is SslStream's own rule: there must be a certificate, and it must be valid.
    private static RemoteCertificateValidationCallback? ClientRule(TlsConfiguration configuration)
        => !configuration.VerifyClient ? s_acceptAny : configuration.RequireClientCert ? null : AcceptNoneOrValid;

    private static bool AcceptNoneOrValid(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
        => errors == SslPolicyErrors.None || certificate is null;
}
