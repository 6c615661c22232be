namespace Outrider.Configuration.Model;

/// <summary>The <c>tcp_proxy</c> network filter.</summary>
internal sealed record TcpProxyConfiguration
{
    /// <summary>For connections of which no route says where to: one cluster, or several by weight. None: such a connection closes.</summary>
    public IReadOnlyList<TcpClusterConfiguration> Clusters { get; init; } = [];

    /// <summary>Where to, by addresses and ports; the first that fits counts.</summary>
    public IReadOnlyList<TcpRouteConfiguration> Routes { get; init; } = [];

    /// <summary>How long neither side may send anything; zero means for ever. Default 1 h, as in Envoy.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many hosts are tried before the client's connection closes. Default 1, which 0 stands for as well.</summary>
    public int MaxConnectAttempts { get; init; } = 1;

    /// <summary>Which PROXY header the host gets first: 1, 2, or 0 (the default) for none.</summary>
    public int ProxyProtocol { get; init; }

    /// <summary>May bytes of a large transfer in plain text pass from one connection to the other without coming into the process (<c>splice</c>)? Default true.</summary>
    public bool Splices { get; init; } = true;

    /// <summary>The names of its clusters.</summary>
    public IEnumerable<string> ClusterNames => Clusters.Select(static target => target.Name).Concat(Routes.Select(static route => route.Cluster));
}
