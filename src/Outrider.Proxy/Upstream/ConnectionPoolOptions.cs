using Outrider.Proxy.Configuration;

namespace Outrider.Proxy.Upstream;

/// <summary>What a cluster's configuration says about its connections.</summary>
/// <param name="ConnectTimeout">Milliseconds.</param>
/// <param name="IdleTimeout">Milliseconds that a connection may rest; 0: for ever.</param>
/// <param name="MaxRequests">Requests after which a connection is closed; 0: never.</param>
internal sealed record ConnectionPoolOptions(int ConnectTimeout, int IdleTimeout, int MaxRequests)
{
    internal static ConnectionPoolOptions Of(ClusterConfiguration cluster) => new(
        (int)cluster.ConnectTimeout.TotalMilliseconds,
        (int)cluster.IdleTimeout.TotalMilliseconds,
        cluster.MaxRequestsPerConnection);
}
