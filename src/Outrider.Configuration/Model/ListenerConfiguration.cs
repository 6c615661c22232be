using System.Net;

namespace Outrider.Configuration.Model;

/// <summary>One listener.</summary>
internal sealed record ListenerConfiguration
{
    /// <summary>Bytes that a loop reads at once, at most: 64 KiB.</summary>
    public const int LargestRead = 64 * 1024;

    private static readonly ProxyFilterConfiguration s_noProxy = new() { RouterConfigName = "" };

    /// <summary>Its name; the address when the configuration gives none.</summary>
    public required string Name { get; init; }

    /// <summary>All that is written of it; null where that cannot be told.</summary>
    public ResourceText? Text { get; init; }

    /// <summary>The address as it is written: <c>0.0.0.0:80</c>, <c>[::1]:80</c>, <c>:80</c>, <c>localhost:80</c>, or a socket's path.</summary>
    public required string Address { get; init; }

    /// <summary>
    /// The address parsed: an <see cref="IPEndPoint"/> or a <see cref="System.Net.Sockets.UnixDomainSocketEndPoint"/>. <c>:80</c> is
    /// <see cref="IPAddress.IPv6Any"/> where the system has IPv6 (to be bound for both families, as Go does), else
    /// <see cref="IPAddress.Any"/>. A socket's path is relative to the working directory, as in MOSN.
    /// </summary>
    public required EndPoint EndPoint { get; init; }

    /// <summary>TCP (the default) or Unix.</summary>
    public ListenerNetwork Network { get; init; }

    /// <summary>Whether it is bound at all. Default false, as in MOSN.</summary>
    public bool BindPort { get; init; }

    /// <summary>Clients' connections that it takes; 0 (the default) means as many as the process does.</summary>
    public int MaxConnections { get; init; }

    /// <summary>Is it measured what each stream filter costs? Default false.</summary>
    public bool FilterCosts { get; init; }

    /// <summary>Where finished requests are written. Default: nowhere.</summary>
    public IReadOnlyList<AccessLogConfiguration> AccessLogs { get; init; } = [];

    /// <summary>How long a downstream connection may stay without a request; zero means for ever. Default 90 s.</summary>
    public TimeSpan ConnectionIdleTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>Bytes read from a connection at once (<c>default_read_buffer_size</c>), 4096 to 65 536, the default.</summary>
    public int ReadBufferSize { get; init; } = 65536;

    /// <summary>The filter chains in their order.</summary>
    public IReadOnlyList<FilterChainConfiguration> Chains { get; init; } = [];

    /// <summary>The first chain's TLS contexts to choose from by the name that a client asks for, the first for all others; none for plain text.</summary>
    public IReadOnlyList<TlsConfiguration> Tls => Chains.Count > 0 ? Chains[0].Tls : [];

    /// <summary>Whether a client may speak plain text where <see cref="Tls"/> is configured. Default false.</summary>
    public bool Inspector { get; init; }

    /// <summary>The <c>proxy</c> network filter of the first chain that has one; the defaults where none has.</summary>
    public ProxyFilterConfiguration Proxy => HttpChain?.Proxy ?? s_noProxy;

    /// <summary>The first chain that speaks HTTP; null where none does.</summary>
    public FilterChainConfiguration? HttpChain => Chains.FirstOrDefault(static chain => chain.Proxy is not null);

    /// <summary>Is there one chain, for all connections, that speaks HTTP, and nothing that looks at connections before it?</summary>
    public bool IsPlain => Chains is [{ Proxy: not null, Match.IsAll: true, Filters.Count: 0 }] && ListenerFilters.Count == 0 && !UseOriginalDst;

    /// <summary>The listener filters in their order. Their types have not been looked up.</summary>
    public IReadOnlyList<StreamFilterConfiguration> ListenerFilters { get; init; } = [];

    /// <summary>How long listener filters may wait for a connection's first bytes; zero means for ever. Default 15 s, as in Envoy.</summary>
    public TimeSpan ListenerFiltersTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether connections come by iptables' REDIRECT, and are for the address that they were to go to. Default false.</summary>
    public bool UseOriginalDst { get; init; }

    /// <summary>Do they come by TPROXY instead, with the address on the socket itself? Default false.</summary>
    public bool IsTransparent { get; init; }

    /// <summary>The stream filters in their order. Their types have not been looked up.</summary>
    public IReadOnlyList<StreamFilterConfiguration> StreamFilters { get; init; } = [];

    /// <summary>The names of the routers that its chains use, each once.</summary>
    public IEnumerable<string> RouterNames => Chains.Select(static chain => chain.Proxy?.RouterConfigName).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>The names of the clusters that its chains use without a router.</summary>
    public IEnumerable<string> ClusterNames => Chains.Select(static chain => chain.TcpProxy).OfType<TcpProxyConfiguration>().SelectMany(static tcp => tcp.ClusterNames);

    /// <summary>Does the other say the same?</summary>
    public bool IsSame(ListenerConfiguration other) => ReferenceEquals(this, other) || Text?.IsSame(other.Text) == true;
}
