using Outrider.Filters;

namespace Outrider.Proxy.Upstream.Balancing;

/// <summary>
/// Of two hosts drawn at random, the one with fewer requests in flight: nearly as good as looking at all of them, and it does not
/// send everybody to the one host that looks idle (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
/// Heavier hosts are drawn more often, and a host of weight 2 with two requests counts as loaded as one of weight 1 with one.
/// </summary>
/// <remarks>A loop counts its own requests only: reading the counters of all loops would cost a cache miss for each.</remarks>
internal sealed class LeastRequestBalancer : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_LEAST_REQUEST";

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new Picker(hosts);

    private sealed class Picker(BalancedHosts hosts) : IHostPicker
    {
        public int Pick(ref PickContext context)
        {
            if (hosts.Count == 0)
            {
                return -1;
            }

            int first = hosts.DrawUntried(ref context);
            int second = hosts.DrawUntried(ref context);

            // Cross-multiplied requests per weight. The first wins a tie, so idle hosts get their share by weight.
            long firstLoad = hosts[first].ActiveRequestsOn(context.Loop) * hosts.Weights[second];
            long secondLoad = hosts[second].ActiveRequestsOn(context.Loop) * hosts.Weights[first];
            return secondLoad < firstLoad ? second : first;
        }
    }
}
