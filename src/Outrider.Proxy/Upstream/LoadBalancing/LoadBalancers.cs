using Outrider.Proxy.Configuration.Model;

namespace Outrider.Proxy.Upstream.LoadBalancing;

/// <summary>Makes load balancers.</summary>
internal static class LoadBalancers
{
    /// <summary>A new load balancer for one cluster.</summary>
    public static ILoadBalancer Create(LoadBalancerType type, int loops) => type switch
    {
        LoadBalancerType.Random => new RandomBalancer(),
        LoadBalancerType.WeightedRoundRobin => new WeightedRoundRobinBalancer(loops),
        LoadBalancerType.LeastRequest => new LeastRequestBalancer(),
        _ => new RoundRobinBalancer(),
    };
}
