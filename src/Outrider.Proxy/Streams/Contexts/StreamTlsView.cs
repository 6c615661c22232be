using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Outrider.Filters;
using Outrider.Net.Tls;
using Outrider.Security;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>What filters see of a connection's TLS. Made when the first filter asks, and kept as long as the connection. Any thread.</summary>
internal static class StreamTlsView
{
    private static readonly ConditionalWeakTable<TlsInfo, StreamTls> s_views = [];

    internal static StreamTls? Of(TlsInfo? info) => info is null ? null : s_views.GetValue(info, Make);

    private static StreamTls Make(TlsInfo info) => new()
    {
        Version = info.Version,
        CipherSuite = info.CipherSuite.ToString(),
        ServerName = info.ServerName,
        PeerCertificate = info.PeerCertificate is { } certificate
            ? new StreamPeerCertificate(certificate.Subject, [.. AlternativeNames.Of(certificate)], Convert.ToHexStringLower(certificate.GetCertHash(HashAlgorithmName.SHA256)))
            : null,
    };
}
