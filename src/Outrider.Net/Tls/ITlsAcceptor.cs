using System.Net.Security;

namespace Outrider.Net.Tls;

/// <summary>How a listener speaks TLS. Shared by all loops: every member is called on any of them, and must not wait.</summary>
public interface ITlsAcceptor
{
    /// <summary>May a client speak plain text as well? Then the first byte decides: 22 begins a TLS handshake (RFC 8446 §5.1).</summary>
    bool AcceptsPlainText { get; }

    /// <summary>Milliseconds from the accept to the end of the handshake.</summary>
    int HandshakeTimeout { get; }

    /// <summary>The certificate and rules for a client that asked for that name; the name is empty where it asked for none.</summary>
    /// <exception cref="System.Security.Authentication.AuthenticationException">There is no certificate to show; the handshake fails.</exception>
    SslServerAuthenticationOptions Select(string serverName);
}
