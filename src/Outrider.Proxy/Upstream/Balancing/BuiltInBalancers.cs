using Outrider.Filters;

namespace Outrider.Proxy.Upstream.Balancing;

/// <summary>The load balancers that come with the proxy.</summary>
internal static class BuiltInBalancers
{
    /// <summary>Their names, the default's first.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [RoundRobinBalancer.BalancerName, RandomBalancer.BalancerName, WeightedRoundRobinBalancer.BalancerName, LeastRequestBalancer.BalancerName];

    /// <summary>A new load balancer for one cluster; null where none of that name comes with the proxy.</summary>
    public static ILoadBalancer? Create(string name) => name switch
    {
        RoundRobinBalancer.BalancerName => new RoundRobinBalancer(),
        RandomBalancer.BalancerName => new RandomBalancer(),
        WeightedRoundRobinBalancer.BalancerName => new WeightedRoundRobinBalancer(),
        LeastRequestBalancer.BalancerName => new LeastRequestBalancer(),
        _ => null,
    };
}
