using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Outrider.Net.Tls;

namespace Outrider.Tests.Tls;

/// <summary>Shows one certificate to everybody, and knows which names it was asked for.</summary>
internal sealed class TestAcceptor : ITlsAcceptor, IDisposable
{
    private readonly X509Certificate2 _certificate;

    internal TestAcceptor()
    {
        using var authority = new TestAuthority();
        _certificate = authority.Issue("localhost").Load();
    }

    /// <summary>The names that clients asked for.</summary>
    internal List<string> Names { get; } = [];

    public bool AcceptsPlainText => false;

    public int HandshakeTimeout { get; init; } = 10_000;

    public SslServerAuthenticationOptions Select(string serverName)
    {
        Names.Add(serverName);
        return new SslServerAuthenticationOptions { ServerCertificate = _certificate };
    }

    public void Dispose() => _certificate.Dispose();
}
