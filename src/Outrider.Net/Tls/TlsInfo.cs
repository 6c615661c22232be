using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Outrider.Net.Tls;

/// <summary>What the two sides of a TLS connection have agreed on. Immutable; made when the handshake is over, and good after the connection is gone.</summary>
public sealed class TlsInfo
{
    internal TlsInfo(SslStream stream, bool isResumed)
    {
        Protocol = stream.SslProtocol;
        CipherSuite = stream.NegotiatedCipherSuite;
        ServerName = stream.TargetHostName is { Length: > 0 } name ? name : null;
        ApplicationProtocol = stream.NegotiatedApplicationProtocol.Protocol.Length > 0 ? stream.NegotiatedApplicationProtocol.ToString() : null;
        PeerCertificate = stream.RemoteCertificate as X509Certificate2;
        LocalCertificate = stream.LocalCertificate as X509Certificate2;
        IsResumed = isResumed;
    }

    /// <summary>The protocol's version.</summary>
    public SslProtocols Protocol { get; }

    /// <summary>The version as OpenSSL, nginx and MOSN write it: <c>TLSv1.3</c>.</summary>
    public string Version => Protocol switch
    {
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        _ => Protocol.ToString(),
    };

    /// <summary>The cipher suite, with its name of the IANA registry: <c>TLS_AES_128_GCM_SHA256</c>.</summary>
    public TlsCipherSuite CipherSuite { get; }

    /// <summary>The name that the client asked for (SNI, RFC 6066 §3); null when it asked for none.</summary>
    public string? ServerName { get; }

    /// <summary>The protocol that ALPN chose (RFC 7301); null when it chose none.</summary>
    public string? ApplicationProtocol { get; }

    /// <summary>The peer's certificate; null when it showed none. It has been verified as far as the configuration asks for it.</summary>
    public X509Certificate2? PeerCertificate { get; }

    /// <summary>The certificate that this side showed; null when it showed none. The configuration's own, which may be replaced while the connection lasts.</summary>
    public X509Certificate2? LocalCertificate { get; }

    /// <summary>Was an earlier session taken up again? Known on the server's side only.</summary>
    public bool IsResumed { get; }
}
