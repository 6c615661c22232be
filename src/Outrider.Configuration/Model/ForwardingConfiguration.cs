namespace Outrider.Configuration.Model;

/// <summary>What is told to upstreams about the client, and who is believed about it. Keys of ours, in the proxy filter's <c>extend_config</c>. Immutable.</summary>
internal sealed record ForwardingConfiguration
{
    /// <summary><c>x-forwarded-for</c> and <c>x-forwarded-proto</c> (<c>x_forwarded_for</c>). Default append.</summary>
    public XForwardedForMode For { get; init; }

    /// <summary><c>x-forwarded-host</c>: the authority that was asked for (<c>x_forwarded_host</c>). Default off.</summary>
    public XForwardedForMode Host { get; init; } = XForwardedForMode.Off;

    /// <summary><c>x-forwarded-port</c>: the port that the client came to (<c>x_forwarded_port</c>). Default off.</summary>
    public XForwardedForMode Port { get; init; } = XForwardedForMode.Off;

    /// <summary><c>forwarded</c>, RFC 7239 (<c>forwarded</c>). Default off.</summary>
    public XForwardedForMode Forwarded { get; init; } = XForwardedForMode.Off;

    /// <summary><c>x-forwarded-client-cert</c> (<c>x_forwarded_client_cert</c>). Default off.</summary>
    public XForwardedForMode ClientCertificate { get; init; } = XForwardedForMode.Off;

    /// <summary>Who is believed about who the client is. Default nobody.</summary>
    public TrustedProxies Trusted { get; init; } = new();

    /// <summary>Whether a request without <c>x-request-id</c> gets one (<c>generate_request_id</c>). Default true.</summary>
    public bool GenerateRequestId { get; init; } = true;
}
