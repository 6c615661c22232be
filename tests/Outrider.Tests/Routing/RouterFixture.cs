using System.Text;
using System.Text.Json;
using Outrider.Configuration;
using Outrider.Configuration.Model;
using Outrider.Http.Headers;
using Outrider.Http.Messages;
using Outrider.Proxy.Routing;
using Outrider.Upstream;

namespace Outrider.Tests.Routing;

/// <summary>Routers and requests for tests. Routers come from JSON, so what is tested is what a user can write.</summary>
internal static class RouterFixture
{
    /// <summary>The clusters that every router of this fixture may name.</summary>
    private static readonly string[] s_clusters = ["a", "b", "c"];

    public static ClusterSet Clusters { get; } = ClusterSet.Build(
        [.. s_clusters.Select(name => new ClusterConfiguration { Name = name })], null, 1);

    /// <summary>The handles of <see cref="Clusters"/>, as loop 0 has them.</summary>
    public static ClusterHandles Handles { get; } = HandlesOf(Clusters);

    /// <summary>A router of one virtual host for every domain, with these routes (JSON, comma-separated).</summary>
    public static RouterTable Routes(string routes, string more = "")
        => Hosts($$"""{"name": "all", "domains": ["*"], "routers": [{{routes}}]{{more}}}""");

    /// <summary>A router of these virtual hosts (JSON, comma-separated).</summary>
    public static RouterTable Hosts(string hosts, string more = "") => new(Configuration(hosts, more), Handles);

    /// <summary>A virtual host whose one route takes everything to cluster a.</summary>
    public static string Host(string name, params string[] domains)
        => $$$"""{"name": "{{{name}}}", "domains": {{{JsonSerializer.Serialize(domains)}}}, "routers": [{"match": {"prefix": "/"}, "route": {"cluster_name": "a"}}]}""";

    public static RequestHead Request(string target = "/", string authority = "example.com", string method = "GET", params (string Name, string Value)[] fields)
    {
        var head = new RequestHead();
        head.SetMethod(Encoding.UTF8.GetBytes(method));
        head.SetTarget(Encoding.UTF8.GetBytes(target));
        head.SetAuthority(Encoding.UTF8.GetBytes(authority));
        foreach ((string name, string value) in fields)
        {
            head.Fields.Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        }

        return head;
    }

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    /// <summary>The fields as <c>name: value</c>, in order.</summary>
    public static string[] Lines(HeaderBlock fields)
        => [.. Enumerable.Range(0, fields.Count).Select(i => $"{Text(fields.NameAt(i))}: {Text(fields.ValueAt(i))}")];

    private static ClusterHandles HandlesOf(ClusterSet clusters)
    {
        var handles = new ClusterHandles(1);
        foreach (var cluster in clusters.Clusters)
        {
            handles.Get(cluster.Name).Set(0, cluster);
        }

        return handles;
    }

    private static RouterConfiguration Configuration(string hosts, string more)
    {
        string clusters = string.Join(", ", s_clusters.Select(name => $$"""{"name": "{{name}}", "hosts": [{"address": "127.0.0.1:1"}]}"""));
        string json = $$$"""
            {
              "servers": [{
                "listeners": [{
                  "address": "127.0.0.1:0", "bind_port": true,
                  "filter_chains": [{"filters": [{"type": "proxy", "config": {"downstream_protocol": "Http1", "router_config_name": "r"}}]}]
                }],
                "routers": [{"router_config_name": "r", "virtual_hosts": [{{{hosts}}}]{{{more}}} }]
              }],
              "cluster_manager": {"clusters": [{{{clusters}}}]}
            }
            """;
        return ConfigurationLoader.Parse(Encoding.UTF8.GetBytes(json), "/test/mosn.json").Configuration.Server.Routers.Single();
    }
}
