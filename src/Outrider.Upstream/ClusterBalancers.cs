using Outrider.Configuration.Model;
using Outrider.Configuration.Problems;
using Outrider.Filters;
using Outrider.Upstream.Balancing;

namespace Outrider.Upstream;

/// <summary>Makes the load balancers that clusters name: those that come with the proxy, and those that extensions bring.</summary>
/// <param name="registry">Those of extensions; null for none.</param>
internal sealed class ClusterBalancers(LoadBalancerRegistry? registry)
{
    /// <summary>A load balancer for one cluster; null, and a problem, when it cannot be made.</summary>
    public ILoadBalancer? Create(BalancerConfiguration configuration, List<ConfigurationProblem> problems)
    {
        if (BuiltInBalancers.Create(configuration.Name, configuration.Options) is { } builtIn)
        {
            return builtIn;
        }

        if (registry?.Find(configuration.Name) is not { } creator)
        {
            problems.Add(configuration.NameProblem($"there is no load balancer '{configuration.Name}'; there are: {string.Join(", ", [.. BuiltInBalancers.Names, .. registry?.Names ?? []])}"));
            return null;
        }

        try
        {
            return creator(configuration.ToFilterConfiguration());
        }
        catch (FilterConfigurationException e)
        {
            problems.Add(configuration.ConfigProblem(e));
        }
        catch (Exception e)
        {
            problems.Add(configuration.NameProblem($"the load balancer '{configuration.Name}' cannot be made: {e.Message}"));
        }

        return null;
    }

    /// <summary>Finds what is wrong with the load balancers of clusters.</summary>
    /// <exception cref="ConfigurationException">One cannot be made.</exception>
    public void Check(IReadOnlyList<ClusterConfiguration> clusters)
    {
        List<ConfigurationProblem> problems = [];
        foreach (var cluster in clusters)
        {
            (Create(cluster.LoadBalancer, problems) as IDisposable)?.Dispose();
        }

        if (problems.Count > 0)
        {
            throw new ConfigurationException(problems);
        }
    }
}
