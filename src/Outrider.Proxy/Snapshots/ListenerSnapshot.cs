using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Http.Streams;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Listening;
using Outrider.Proxy.Logging.AccessLog;
using Outrider.Proxy.Routing;
using Outrider.Security;
using Outrider.Upstream;
using HttpLimits = Outrider.Http.Rules.HttpLimits;

namespace Outrider.Proxy.Snapshots;

/// <summary>
/// All that one listener takes from one configuration. Immutable and shared by all loops: a reload makes new ones, new
/// streams begin with them, and streams that run keep theirs.
/// </summary>
internal sealed record ListenerSnapshot
{
    internal required ListenerConfiguration Configuration { get; init; }

    internal required HttpLimits Limits { get; init; }

    /// <summary>What holds for clients that speak HTTP/2; null where the listener does not.</summary>
    internal Http.V2.Http2Limits? Http2 { get; init; }

    /// <summary>What clients are spoken to in.</summary>
    internal required IServerCodec Codec { get; init; }

    /// <summary>What upstreams are spoken to in, where a route does not say it.</summary>
    internal required UpstreamProtocol UpstreamProtocol { get; init; }

    internal required RouterTable Router { get; init; }

    /// <summary>Who has a say in which route a request takes; null (the default) for nobody.</summary>
    internal IRouteHandler? RouteHandler { get; init; }

    /// <summary>The clusters, by the names that routes, headers and filters use.</summary>
    internal required ClusterHandles Clusters { get; init; }

    /// <summary>How clients speak TLS; null for plain text.</summary>
    internal TlsAcceptor? Tls { get; init; }

    internal required FilterSet Filters { get; init; }

    internal required IReadOnlyList<AccessLogTarget> AccessLogs { get; init; }

    /// <summary>The filter chains, and what looks at connections before; null where there is one chain, for all connections, that speaks HTTP.</summary>
    internal ChainTable? Chains { get; init; }

    /// <summary>What the HTTP chains take, beside the first, which takes this, by the chains' names.</summary>
    internal IReadOnlyDictionary<string, ListenerSnapshot> HttpChains { get; init; } = NoChains;

    private static IReadOnlyDictionary<string, ListenerSnapshot> NoChains { get; } = new Dictionary<string, ListenerSnapshot>();

    /// <summary>One user more. Any thread.</summary>
    internal void Retain()
    {
        Filters.Retain();
        foreach (var chain in HttpChains.Values)
        {
            chain.Filters.Retain();
        }
    }

    /// <summary>One user less; with the last one the filters' configurations go. Any thread.</summary>
    internal void Release()
    {
        Filters.Release();
        foreach (var chain in HttpChains.Values)
        {
            chain.Filters.Release();
        }
    }
}
