using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Http.Messages;
using Outrider.Upstream;

namespace Outrider.Proxy.Routing;

/// <summary>A router compiled: finds the route of a request. Immutable, shared by all loops; finding allocates nothing and takes no lock.</summary>
internal sealed class RouterTable
{
    private readonly DomainTable _domains;

    /// <summary>Compiles. What stands under the clusters' names may change as long as the table is used.</summary>
    /// <param name="configuration">What the configuration says.</param>
    /// <param name="clusters">The handles of the clusters that the routes name.</param>
    /// <param name="protocols">What routes' upstreams can be spoken to in; null for HTTP alone.</param>
    /// <param name="problems">Where names go that nothing has; null for nowhere.</param>
    public RouterTable(RouterConfiguration configuration, ClusterHandles clusters, UpstreamProtocols? protocols = null, List<ConfigurationProblem>? problems = null)
    {
        protocols ??= new UpstreamProtocols(null);
        problems ??= [];
        Name = configuration.Name;
        var hosts = new List<VirtualHost>();
        int routes = 0;
        foreach (var host in configuration.VirtualHosts)
        {
            hosts.Add(new VirtualHost(host, configuration, clusters, protocols, problems, routes));
            routes += host.Routes.Count;
        }

        _domains = new DomainTable(hosts);
    }

    /// <summary>The virtual host of an authority, or null.</summary>
    internal VirtualHost? Find(ReadOnlySpan<byte> authority) => _domains.Find(authority);

    /// <summary>The name that proxy filters use.</summary>
    public string Name { get; }

    /// <summary>The first route that matches in the virtual host of the request's authority; null when there is none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="stream">What is known of its stream, for routes that ask for more than the request; null for nothing.</param>
    /// <param name="handler">Who has a say in it, which takes a stream; null for nobody.</param>
    public Route? Match(RequestHead request, StreamContext? stream = null, IRouteHandler? handler = null) => _domains.Find(request.Authority)?.Match(request, stream, handler);
}
