namespace Outrider.Filters;

/// <summary>What TLS has agreed on with a stream's client. Immutable.</summary>
public sealed record StreamTls
{
    /// <summary>The version: <c>TLSv1.2</c>, <c>TLSv1.3</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The cipher suite by its name of the IANA registry: <c>TLS_AES_128_GCM_SHA256</c>.</summary>
    public required string CipherSuite { get; init; }

    /// <summary>The name that the client asked for (SNI); null when it asked for none.</summary>
    public string? ServerName { get; init; }

    /// <summary>The client's certificate; null when it showed none. Whether it was verified is the listener's configuration to say.</summary>
    public StreamPeerCertificate? PeerCertificate { get; init; }
}
