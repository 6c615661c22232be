using Outrider.Proxy.Configuration.Model;
using Outrider.Proxy.Tls;
using HttpLimits = Outrider.Http.V1.HttpLimits;

namespace Outrider.Proxy.Upstream;

/// <summary>What a cluster's configuration says about its connections.</summary>
/// <param name="ConnectTimeout">Milliseconds, TLS handshake included.</param>
/// <param name="IdleTimeout">Milliseconds that a connection may rest; 0: for ever.</param>
/// <param name="MaxRequests">Requests after which a connection is closed; 0: never.</param>
/// <param name="Limits">What the hosts' responses may ask of memory.</param>
/// <param name="Tls">How TLS is spoken; null for plain text.</param>
internal sealed record ConnectionPoolOptions(int ConnectTimeout, int IdleTimeout, int MaxRequests, HttpLimits Limits, TlsContext? Tls)
{
    internal static ConnectionPoolOptions Of(Cluster cluster)
    {
        ClusterConfiguration configuration = cluster.Configuration;
        return new(
            (int)configuration.ConnectTimeout.TotalMilliseconds,
            (int)configuration.IdleTimeout.TotalMilliseconds,
            configuration.MaxRequestsPerConnection,
            new HttpLimits { MaxHeaderBytes = configuration.MaxResponseHeaderSize, MaxHeaderCount = configuration.MaxResponseHeaderCount },
            cluster.Tls);
    }
}
