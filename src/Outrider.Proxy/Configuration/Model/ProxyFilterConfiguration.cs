namespace Outrider.Proxy.Configuration.Model;

/// <summary>The <c>proxy</c> network filter of a listener.</summary>
internal sealed record ProxyFilterConfiguration
{
    /// <summary>Its name. Default: empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>What clients speak. Default <see cref="ProxyProtocol.Auto"/>.</summary>
    public ProxyProtocol DownstreamProtocol { get; init; }

    /// <summary>What upstream hosts speak. Default <see cref="ProxyProtocol.Auto"/>: what the client speaks.</summary>
    public ProxyProtocol UpstreamProtocol { get; init; }

    /// <summary>The router that requests are matched by; one of <see cref="ServerConfiguration.Routers"/>.</summary>
    public required string RouterConfigName { get; init; }

    /// <summary>Limits and habits of the HTTP side (<c>extend_config</c>).</summary>
    public HttpLimits Limits { get; init; } = new();
}
