using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Model;

/// <summary>The <c>proxy</c> network filter of a listener.</summary>
internal sealed record ProxyFilterConfiguration
{
    /// <summary>Is what is neither HTTP/1 nor HTTP/2 to go to the filter behind this one (<c>fallback_for_unknown_protocol</c>)? Default false.</summary>
    public bool FallsBack { get; init; }

    /// <summary>The <c>tcp_proxy</c> behind it, where it <see cref="FallsBack"/>.</summary>
    public TcpProxyConfiguration? Fallback { get; init; }

    /// <summary>Where <see cref="RouteHandler"/> comes from; null where it is not given.</summary>
    public Origin? RouteHandlerOrigin { get; init; }

    /// <summary>The name of who finds routes (<c>router_handler_name</c>); empty (the default) and <c>default</c>: the router does.</summary>
    public string RouteHandler { get; init; } = "";

    /// <summary>Its name. Default: empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>What versions of HTTP clients may speak; none where <see cref="Codec"/> says what they speak. Default <see cref="DownstreamProtocols.Any"/>.</summary>
    public DownstreamProtocols Downstream { get; init; } = DownstreamProtocols.Any;

    /// <summary>What clients speak that is not HTTP; null for HTTP.</summary>
    public ProtocolConfiguration? Codec { get; init; }

    /// <summary>What holds for clients that speak HTTP/2; null where none may.</summary>
    public Http2Configuration? Http2 { get; init; }

    /// <summary>What upstream hosts speak. Default <c>Auto</c>: what the client speaks.</summary>
    public ProtocolConfiguration UpstreamProtocol { get; init; } = ProtocolConfiguration.Default;

    /// <summary>The router that requests are matched by; one of <see cref="ServerConfiguration.Routers"/>.</summary>
    public required string RouterConfigName { get; init; }

    /// <summary>Limits and habits of the HTTP side (<c>extend_config</c>).</summary>
    public HttpLimits Limits { get; init; } = new();
}
