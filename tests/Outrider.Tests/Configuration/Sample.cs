using System.Text;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;

namespace Outrider.Tests.Configuration;

/// <summary>A small valid configuration into which a test puts the members that it is about. Each part is JSON text that begins with a comma.</summary>
internal sealed record Sample
{
    public string Root { get; init; } = "";

    public string Server { get; init; } = "";

    public string Listener { get; init; } = "";

    public string Address { get; init; } = "127.0.0.1:8080";

    public string FilterChain { get; init; } = "";

    public string Proxy { get; init; } = "";

    public string Router { get; init; } = "";

    public string VirtualHost { get; init; } = "";

    public string Domains { get; init; } = "\"*\"";

    public string Match { get; init; } = "\"prefix\": \"/\"";

    public string Route { get; init; } = "\"route\": { \"cluster_name\": \"backend\" }";

    public string Cluster { get; init; } = "";

    public string Hosts { get; init; } = "{ \"address\": \"127.0.0.1:9000\" }";

    public string Clusters { get; init; } = "";

    public override string ToString() => $$"""
        {
          "servers": [{
            "listeners": [{
              "name": "edge",
              "address": "{{Address}}",
              "bind_port": true,
              "filter_chains": [{
                "filters": [{ "type": "proxy", "config": { "router_config_name": "main"{{Proxy}} } }]{{FilterChain}}
              }]{{Listener}}
            }],
            "routers": [{
              "router_config_name": "main",
              "virtual_hosts": [{
                "name": "all",
                "domains": [{{Domains}}],
                "routers": [{ "match": { {{Match}} }, {{Route}} }]{{VirtualHost}}
              }]{{Router}}
            }]{{Server}}
          }],
          "cluster_manager": {
            "clusters": [{ "name": "backend", "hosts": [{{Hosts}}]{{Cluster}} }{{Clusters}}]
          }{{Root}}
        }
        """;

    public LoadedConfiguration Load() => Parse(ToString());

    public ProxyConfiguration Configuration() => Load().Configuration;

    public ListenerConfiguration OneListener() => Assert.Single(Configuration().Server.Listeners);

    public RouterConfiguration OneRouter() => Assert.Single(Configuration().Server.Routers);

    public VirtualHostConfiguration OneHost() => Assert.Single(OneRouter().VirtualHosts);

    public RouteConfiguration OneRoute() => Assert.Single(OneHost().Routes);

    public ClusterConfiguration OneCluster() => Assert.Single(Configuration().Clusters);

    public IReadOnlyList<ConfigurationProblem> Errors() => Assert.Throws<ConfigurationException>(Load).Problems;

    /// <summary>The one error of this sample, as <c>path: message</c>.</summary>
    public string Error() => Line(Assert.Single(Errors()));

    /// <summary>The one warning of this sample, as <c>path: message</c>.</summary>
    public string Warning() => Line(Assert.Single(Load().Warnings));

    public static LoadedConfiguration Parse(string json) => ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "/etc/outrider/sample.json");

    public static string Line(ConfigurationProblem problem) => $"{problem.JsonPath}: {problem.Message}";
}
