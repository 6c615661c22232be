using System.Net.Security;
using System.Security.Authentication;
using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Model;

/// <summary>One <c>tls_context</c> whose <c>status</c> is true. What its files hold has not been looked at.</summary>
internal sealed record TlsConfiguration
{
    /// <summary>The whole object, as a provider reads it.</summary>
    public required ExtensionValue Entry { get; init; }

    /// <summary>Where relative paths start: the folder of the configuration file.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Name of the certificate provider; empty (the default) for the files and texts of this very object.</summary>
    public string Type { get; init; } = "";

    /// <summary>Listener: one more name that this context answers to. Cluster: the name that is asked for, and that the certificate must have.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>The trusted authorities: a file's path, or PEM text; empty for the system's.</summary>
    public string CaCert { get; init; } = "";

    /// <summary>The certificate with its intermediates: a file's path, or PEM text.</summary>
    public string CertChain { get; init; } = "";

    /// <summary>The certificate's key: a file's path, or PEM text.</summary>
    public string PrivateKey { get; init; } = "";

    /// <summary>Listener: a certificate that a client shows is verified.</summary>
    public bool VerifyClient { get; init; }

    /// <summary>Listener: clients are asked for a certificate; together with <see cref="VerifyClient"/> they must show one.</summary>
    public bool RequireClientCert { get; init; }

    /// <summary>Cluster: the host's certificate is not verified.</summary>
    public bool InsecureSkip { get; init; }

    /// <summary>Listener: plain text where there is no usable certificate.</summary>
    public bool Fallback { get; init; }

    /// <summary>The cipher suites that may be used; null for the system's choice.</summary>
    public IReadOnlyList<TlsCipherSuite>? CipherSuites { get; init; }

    /// <summary>The versions that may be used.</summary>
    public SslProtocols Versions { get; init; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The protocols that ALPN offers or accepts, the best first; empty for no ALPN.</summary>
    public IReadOnlyList<SslApplicationProtocol> ApplicationProtocols { get; init; } = [];

    /// <summary>Listener: from the accept to the end of the handshake (a key of ours). Of several contexts the first one's counts. Default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The provider's own object, or null.</summary>
    public ExtensionValue? ExtendVerify { get; init; }

    /// <summary>Two contexts with the same key mean the same, wherever they stand: a reload keeps what it has of them.</summary>
    public string Key => BaseDirectory + "\n" + System.Text.Encoding.UTF8.GetString(Entry.Json.Span);

    /// <summary>A problem with the value of a key, or with the whole.</summary>
    public ConfigurationProblem ProblemAt(string key, string message)
        => Entry.Origin.At(key).Problem(message) with { JsonPath = key.Length == 0 ? Entry.Origin.Path : Entry.Origin.PathOf(key) };
}
