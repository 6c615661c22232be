using Outrider.Configuration.Model;
using Outrider.Net.Addresses;
using Outrider.Net.Listening;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;
using Outrider.Proxy.Listening;
using Outrider.Upstream;

namespace Outrider.Proxy.Tcp;

/// <summary>A <c>tcp_proxy</c> of one configuration: where connections go, and within which limits. Immutable; all loops share it.</summary>
internal sealed class TcpProxy : IConnectionHandlerFactory
{
    private readonly (TcpRouteConfiguration Route, ClusterHandle Cluster)[] _routes;
    private readonly (ClusterHandle Cluster, int Weight)[] _clusters;
    private readonly uint _weights;

    /// <param name="configuration">The configuration.</param>
    /// <param name="clusters">The handles of the clusters that it names; one that is missing takes no connection.</param>
    internal TcpProxy(TcpProxyConfiguration configuration, ClusterHandles clusters)
    {
        Configuration = configuration;
        _routes = [.. configuration.Routes.Select(route => (Route: route, Cluster: clusters.Get(route.Cluster)))];
        _clusters = [.. configuration.Clusters.Select(target => (Cluster: clusters.Get(target.Name), target.Weight))];
        _weights = (uint)Math.Min(uint.MaxValue, _clusters.Sum(target => (long)target.Weight));
        IdleTimeout = (int)Math.Min(configuration.IdleTimeout.TotalMilliseconds, int.MaxValue);
    }

    internal TcpProxyConfiguration Configuration { get; }

    /// <summary>Milliseconds; 0: for ever.</summary>
    internal int IdleTimeout { get; }

    /// <inheritdoc/>
    public TransportHandler Create(Transport transport, IConnectionOwner owner, ConnectionOpening opening)
        => new TcpSession(transport, (ITcpOwner)owner, this, opening);

    /// <summary>Where a connection goes: the first route that fits, else one of the clusters by weight. Null: nowhere.</summary>
    internal Cluster? Choose(Transport transport, LoopRandom random) => Find(transport, random)?.On(transport.Loop.Index);

    private ClusterHandle? Find(Transport transport, LoopRandom random)
    {
        foreach (var (route, cluster) in _routes)
        {
            if (Fits(route, transport))
            {
                return cluster;
            }
        }

        if (_clusters.Length <= 1)
        {
            return _clusters.Length == 0 ? null : _clusters[0].Cluster;
        }

        long drawn = random.Next(_weights);
        foreach (var (cluster, weight) in _clusters)
        {
            drawn -= weight;
            if (drawn < 0)
            {
                return cluster;
            }
        }

        return _clusters[^1].Cluster;
    }

    private static bool Fits(TcpRouteConfiguration route, Transport transport)
        => Fits(route.SourceRanges, route.SourcePorts, transport.RemoteAddress)
            && ((route.DestinationRanges.Count == 0 && route.DestinationPorts.Count == 0) || Fits(route.DestinationRanges, route.DestinationPorts, transport.LocalAddress));

    private static bool Fits(IReadOnlyList<AddressRange> ranges, IReadOnlyList<PortRange> ports, PeerAddress address)
    {
        bool fits = ranges.Count == 0;
        for (int i = 0; i < ranges.Count && !fits; i++)
        {
            fits = ranges[i].Contains(address);
        }

        if (!fits || ports.Count == 0)
        {
            return fits;
        }

        for (int i = 0; i < ports.Count; i++)
        {
            if (ports[i].Contains(address.Port))
            {
                return true;
            }
        }

        return false;
    }
}
