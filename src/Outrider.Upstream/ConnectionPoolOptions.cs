using Outrider.Configuration.Model;
using Outrider.Http.Streams;
using Outrider.Security;
using HttpLimits = Outrider.Http.Rules.HttpLimits;

namespace Outrider.Upstream;

/// <summary>What a cluster's configuration says about its connections.</summary>
/// <param name="ConnectTimeout">Milliseconds, TLS handshake included.</param>
/// <param name="IdleTimeout">Milliseconds that a connection may rest; 0: for ever.</param>
/// <param name="MaxRequests">Requests after which a connection is closed; 0: never.</param>
/// <param name="MaxConnections">Connections to one host, on all loops; 0: any number.</param>
/// <param name="Limits">What the hosts' responses may ask of memory.</param>
/// <param name="Tls">How TLS is spoken; null for plain text.</param>
internal sealed record ConnectionPoolOptions(int ConnectTimeout, int IdleTimeout, int MaxRequests, int MaxConnections, UpstreamLimits Limits, TlsContext? Tls)
{
    internal static ConnectionPoolOptions Of(Cluster cluster)
    {
        ClusterConfiguration configuration = cluster.Configuration;
        return new(
            (int)configuration.ConnectTimeout.TotalMilliseconds,
            (int)configuration.IdleTimeout.TotalMilliseconds,
            configuration.MaxRequestsPerConnection,
            configuration.MaxConnections,
            LimitsOf(configuration),
            cluster.Tls);
    }

    private static UpstreamLimits LimitsOf(ClusterConfiguration configuration) => new()
    {
        MaxConcurrentExchanges = configuration.Http2.MaxConcurrentStreams,
        ExchangeWindow = configuration.Http2.StreamWindow,
        ConnectionWindow = configuration.Http2.ConnectionWindow,
        KeepaliveInterval = configuration.Http2.KeepaliveInterval,
        KeepaliveTimeout = configuration.Http2.KeepaliveTimeout,
        SettingsTimeout = (int)configuration.ConnectTimeout.TotalMilliseconds,
        Message = new HttpLimits { MaxHeaderBytes = configuration.MaxResponseHeaderSize, MaxHeaderCount = configuration.MaxResponseHeaderCount },
    };
}
