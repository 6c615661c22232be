namespace Outrider.Proxy.Configuration.Model;

/// <summary>How a cluster chooses a host.</summary>
internal enum LoadBalancerType
{
    /// <summary><c>LB_ROUNDROBIN</c>: one after the other.</summary>
    RoundRobin,

    /// <summary><c>LB_RANDOM</c>: any.</summary>
    Random,

    /// <summary><c>LB_WEIGHTED_ROUNDROBIN</c>: one after the other, the heavier more often.</summary>
    WeightedRoundRobin,

    /// <summary><c>LB_LEAST_REQUEST</c>: the one with fewer requests in flight.</summary>
    LeastRequest,
}
