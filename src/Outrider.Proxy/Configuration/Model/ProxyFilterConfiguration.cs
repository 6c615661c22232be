namespace Outrider.Proxy.Configuration.Model;

/// <summary>The <c>proxy</c> network filter of a listener.</summary>
internal sealed record ProxyFilterConfiguration
{
    /// <summary>Its name. Default: empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>What versions of HTTP clients may speak; none where <see cref="Codec"/> says what they speak. Default <see cref="DownstreamProtocols.Any"/>.</summary>
    public DownstreamProtocols Downstream { get; init; } = DownstreamProtocols.Any;

    /// <summary>What clients speak that is not HTTP; null for HTTP.</summary>
    public ProtocolConfiguration? Codec { get; init; }

    /// <summary>What holds for clients that speak HTTP/2; null where none may.</summary>
    public Http.V2.Http2Limits? Http2 { get; init; }

    /// <summary>What upstream hosts speak. Default <c>Auto</c>: what the client speaks.</summary>
    public ProtocolConfiguration UpstreamProtocol { get; init; } = ProtocolConfiguration.Default;

    /// <summary>The router that requests are matched by; one of <see cref="ServerConfiguration.Routers"/>.</summary>
    public required string RouterConfigName { get; init; }

    /// <summary>Limits and habits of the HTTP side (<c>extend_config</c>).</summary>
    public HttpLimits Limits { get; init; } = new();
}
