using Outrider.Filters;
using Outrider.Proxy.Configuration.Json;
using Outrider.Proxy.Configuration.Problems;

namespace Outrider.Proxy.Configuration.Model;

/// <summary>How a cluster chooses a host: the name of a load balancer, and what it is configured with.</summary>
internal sealed record BalancerConfiguration
{
    /// <summary>The names of those that come with the proxy, the default's first.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } =
        ["LB_ROUNDROBIN", "LB_RANDOM", "LB_WEIGHTED_ROUNDROBIN", "LB_LEAST_REQUEST", "LB_LEAST_CONNECTION", "LB_PEAK_EWMA", "LB_MAGLEV", "LB_REQUEST_ROUNDROBIN"];

    /// <summary>What those that come with the proxy are told (<c>lbconfig</c>).</summary>
    public BalancerOptions Options { get; init; } = new();

    /// <summary><c>lb_type</c>. Default <c>LB_ROUNDROBIN</c>, as in MOSN. Whether there is such a load balancer, only a later step can say.</summary>
    public string Name { get; init; } = "LB_ROUNDROBIN";

    /// <summary>Where the cluster stands; null where it comes from no file.</summary>
    public ConfigurationNode? ClusterNode { get; init; }

    /// <summary><c>lbconfig</c>; null when there is none.</summary>
    public ConfigurationNode? ConfigNode { get; init; }

    /// <summary>What the load balancer's creator is given.</summary>
    public FilterConfiguration ToFilterConfiguration()
        => new(Name, ConfigNode?.Json ?? default, ClusterNode?.Document.Folder ?? "/");

    /// <summary>A problem with the name.</summary>
    public ConfigurationProblem NameProblem(string message) => FilterProblem.At(ClusterNode, "lb_type", message);

    /// <summary>The problem that a creator found in <c>lbconfig</c>.</summary>
    public ConfigurationProblem ConfigProblem(FilterConfigurationException exception)
        => ConfigNode is null ? FilterProblem.At(ClusterNode, "", exception.Message) with { JsonPath = ClusterNode?.PathOf("lbconfig") ?? "lbconfig" } : FilterProblem.Of(ConfigNode, exception.Path, exception.Message);
}
