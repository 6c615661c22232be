using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Balancing;

/// <summary>
/// Of two hosts drawn at random, the one with fewer requests in flight: nearly as good as looking at all of them, and it does not
/// send everybody to the one host that looks idle (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
/// Heavier hosts are drawn more often, and a host of weight 2 with two requests counts as loaded as one of weight 1 with one.
/// </summary>
/// <remarks>A loop counts its own requests only: reading the counters of all loops would cost a cache miss for each.</remarks>
/// <param name="options">How many hosts are drawn, and how much requests count.</param>
internal sealed class LeastRequestBalancer(BalancerOptions options) : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_LEAST_REQUEST";

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new LeastOfDrawn<Load>((HostSet)hosts, options.ChoiceCount, new(options.ActiveBias));

    private readonly struct Load(double bias) : IHostCost
    {
        public double Of(in HostPlace host, int loop, long now)
        {
            double requests = host.Loads.Requests(loop, host.Index);
            return (bias == 1 ? requests : Math.Pow(requests, bias)) / host.Weight;
        }
    }
}
