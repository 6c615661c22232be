using Outrider.Configuration.Problems;

namespace Outrider.Configuration.Model;

/// <summary>One of a listener's filter chains: which connections it is for, and who takes them.</summary>
internal sealed record FilterChainConfiguration
{
    /// <summary>The name (<c>name</c>), or <c>filter_chains[0]</c>. Unique in its listener.</summary>
    public required string Name { get; init; }

    /// <summary>Which connections it is for. Default: all that no other chain is closer to.</summary>
    public FilterChainMatchConfiguration Match { get; init; } = FilterChainMatchConfiguration.All;

    /// <summary>The TLS contexts to choose from by the name that a client asks for; none for plain text, or for TLS that is passed through.</summary>
    public IReadOnlyList<TlsConfiguration> Tls { get; init; } = [];

    /// <summary>The network filters before what takes the connections, in their order. Their types have not been looked up.</summary>
    public IReadOnlyList<StreamFilterConfiguration> Filters { get; init; } = [];

    /// <summary>What takes the connections: <c>proxy</c>, <c>tcp_proxy</c>, or a name of the registry.</summary>
    public required string Handler { get; init; }

    /// <summary>The <c>proxy</c> filter, where that is the handler.</summary>
    public ProxyFilterConfiguration? Proxy { get; init; }

    /// <summary>The <c>tcp_proxy</c> filter, where that is the handler.</summary>
    public TcpProxyConfiguration? TcpProxy { get; init; }

    /// <summary>Where the last filter comes from; null where nobody says.</summary>
    public Origin? Origin { get; init; }

    /// <summary>The last filter's <c>config</c>, or null.</summary>
    public ExtensionValue? Config { get; init; }
}
