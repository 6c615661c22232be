using Outrider.Http;
using Outrider.Proxy.Configuration;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Routing;

/// <summary>A router compiled: finds the route of a request. Immutable, shared by all loops; finding allocates nothing and takes no lock.</summary>
internal sealed class RouterTable
{
    private readonly DomainTable _domains;

    /// <summary>Compiles. The clusters are those that the routes' requests will go to: new clusters need a new table.</summary>
    public RouterTable(RouterConfiguration configuration, ClusterSet clusters)
    {
        Name = configuration.Name;
        _domains = new DomainTable(configuration.VirtualHosts.Select(host => new VirtualHost(host, configuration, clusters)));
    }

    /// <summary>The name that proxy filters use.</summary>
    public string Name { get; }

    /// <summary>The first route that matches in the virtual host of the request's authority; null when there is none.</summary>
    public Route? Match(RequestHead request) => _domains.Find(request.Authority)?.Match(request);
}
