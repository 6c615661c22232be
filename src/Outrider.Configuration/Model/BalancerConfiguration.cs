using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Configuration.Model;

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

    /// <summary>Where the cluster comes from; null where nobody says.</summary>
    public Origin? ClusterOrigin { get; init; }

    /// <summary><c>lbconfig</c>; null when there is none.</summary>
    public ExtensionValue? Config { get; init; }

    /// <summary>What the load balancer's creator is given.</summary>
    public FilterConfiguration ToFilterConfiguration()
        => new(Name, Config?.Json ?? default, ClusterOrigin?.Folder ?? "/");

    /// <summary>A problem with the name.</summary>
    public ConfigurationProblem NameProblem(string message) => FilterProblem.At(ClusterOrigin, "lb_type", message);

    /// <summary>The problem that a creator found in <c>lbconfig</c>.</summary>
    public ConfigurationProblem ConfigProblem(FilterConfigurationException exception)
        => Config is null ? FilterProblem.At(ClusterOrigin, "", exception.Message) with { JsonPath = ClusterOrigin?.PathOf("lbconfig") ?? "lbconfig" } : FilterProblem.Of(Config.Origin, exception.Path, exception.Message);
}
