using System.Security.Authentication;
using Outrider.Configuration.Model;
using Outrider.Net.Tls;

namespace Outrider.Security;

/// <summary>
/// Compares what two contexts of one listener ask of a client. A handshake for one name must not open another name's door: TLS asks for
/// a name once, and each request for its own (RFC 9110 §7.4, CVE-2025-23419 of nginx).
/// </summary>
internal static class TlsDemands
{
    /// <summary>Does a context ask for more than the handshake by another one has shown?</summary>
    /// <param name="wanted">The context of the name that the request is for.</param>
    /// <param name="chosen">The context that the handshake chose.</param>
    /// <param name="info">What the handshake agreed on.</param>
    internal static bool AreMore(TlsConfiguration wanted, TlsConfiguration chosen, TlsInfo info)
        => AsksForMore(wanted, chosen)
            || (wanted.Versions & info.Protocol) == 0
            || (info.Protocol != SslProtocols.Tls13 && wanted.CipherSuites is { } suites && !suites.Contains(info.CipherSuite));

    private static bool AsksForMore(TlsConfiguration wanted, TlsConfiguration chosen)
    {
        if (!wanted.VerifyClient && !wanted.RequireClientCert)
        {
            return false;
        }

        // Verified by other authorities, or by another provider's, is not verified.
        return (wanted.VerifyClient && !chosen.VerifyClient)
            || (wanted.RequireClientCert && !chosen.RequireClientCert)
            || (wanted.VerifyClient && !(wanted.CaCert == chosen.CaCert && wanted.Type == chosen.Type
                && (wanted.Type.Length == 0 || wanted.Key == chosen.Key)));
    }
}
