using Outrider.Configuration.Model;
using Outrider.Filters;

namespace Outrider.Upstream.Balancing;

/// <summary>The load balancers that come with the proxy.</summary>
internal static class BuiltInBalancers
{
    /// <summary>Their names, the default's first.</summary>
    public static IReadOnlyList<string> Names => BalancerConfiguration.BuiltIn;

    /// <summary>A new load balancer for one cluster; null where none of that name comes with the proxy.</summary>
    /// <param name="name">The name.</param>
    /// <param name="options">What it is told; null for the defaults.</param>
    public static ILoadBalancer? Create(string name, BalancerOptions? options = null) => name switch
    {
        RoundRobinBalancer.BalancerName => new RoundRobinBalancer(),
        RandomBalancer.BalancerName => new RandomBalancer(),
        WeightedRoundRobinBalancer.BalancerName => new WeightedRoundRobinBalancer(),
        LeastRequestBalancer.BalancerName => new LeastRequestBalancer(options ?? new()),
        LeastConnectionBalancer.BalancerName => new LeastConnectionBalancer(options ?? new()),
        PeakEwmaBalancer.BalancerName => new PeakEwmaBalancer(options ?? new()),
        MaglevBalancer.BalancerName => new MaglevBalancer(),
        RequestRoundRobinBalancer.BalancerName => new RequestRoundRobinBalancer(),
        _ => null,
    };
}
