using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Configuration.Sources;
using Outrider.Filters;

namespace Outrider.Proxy.Server;

/// <summary>Which resources name which others, whoever says so.</summary>
internal static class ResourceUses
{
    /// <summary>What a router or a listener names and nobody has; one sentence for each.</summary>
    internal static IEnumerable<string> Missing(ProxyConfiguration configuration, object resource)
    {
        var (clusters, routers) = Names(resource);
        return clusters.Distinct(StringComparer.Ordinal).Where(name => configuration.Clusters.All(cluster => cluster.Name != name)).Select(name => $"there is no cluster '{name}'")
            .Concat(routers.Where(name => configuration.Server.Routers.All(router => router.Name != name)).Select(name => $"there is no router '{name}'"));
    }

    /// <summary>Who names a resource.</summary>
    internal static IEnumerable<ResourceName> Users(ProxyConfiguration configuration, ResourceName name) => name.Kind switch
    {
        ConfigurationResourceKind.Cluster => configuration.Server.Routers.Where(router => router.ClusterNames.Contains(name.Name)).Select(NameOf)
            .Concat(configuration.Server.Listeners.Where(listener => listener.ClusterNames.Contains(name.Name)).Select(NameOf)),
        ConfigurationResourceKind.Router => configuration.Server.Listeners.Where(listener => listener.RouterNames.Contains(name.Name)).Select(NameOf),
        _ => [],
    };

    /// <summary>Makes sure that a file has all that other sources' resources name. What the file itself names, its loader has looked at.</summary>
    /// <exception cref="ConfigurationException">Something is missing.</exception>
    internal static void RequireAll(ProxyConfiguration configuration, LayeredConfiguration layers)
    {
        if (!layers.HasLayers)
        {
            return;
        }

        List<ConfigurationProblem> problems = [];
        foreach (var (name, resource) in configuration.Server.Routers.Select(router => (NameOf(router), (object)router)).Concat(configuration.Server.Listeners.Select(listener => (NameOf(listener), (object)listener))))
        {
            problems.AddRange(Missing(configuration, resource).Select(text => new ConfigurationProblem(
                configuration.FilePath, "", 0, 0, $"{text}, which {name} needs{(layers.SourceOf(name) is { } source ? $" as the configuration source '{source}' has it" : "")}")));
        }

        if (problems.Count > 0)
        {
            throw new ConfigurationException(problems);
        }
    }

    private static ResourceName NameOf(RouterConfiguration router) => new(ConfigurationResourceKind.Router, router.Name);

    private static ResourceName NameOf(ListenerConfiguration listener) => new(ConfigurationResourceKind.Listener, listener.Name);

    private static (IEnumerable<string> Clusters, IEnumerable<string> Routers) Names(object resource) => resource switch
    {
        RouterConfiguration router => (router.ClusterNames, []),
        ListenerConfiguration listener => (listener.ClusterNames, listener.RouterNames),
        _ => ([], []),
    };
}
