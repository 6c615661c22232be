using Outrider.Filters;

namespace Outrider.Upstream.Balancing;

/// <summary>Any host, each as likely as the others: MOSN gives weights no meaning here.</summary>
internal sealed class RandomBalancer : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_RANDOM";

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new Picker(hosts);

    private sealed class Picker(BalancedHosts hosts) : IHostPicker
    {
        private const int MaxDraws = 8;

        public int Pick(ref PickContext context)
        {
            if (hosts.Count == 0)
            {
                return -1;
            }

            int index = (int)context.Next((uint)hosts.Count);
            if (context.Tries == 0)
            {
                return index;
            }

            // A few more draws before the next in line is taken, which would give it its neighbour's share.
            for (int i = 1; i < MaxDraws && context.WasTried(hosts[index]); i++)
            {
                index = (int)context.Next((uint)hosts.Count);
            }

            return hosts.FirstUntried(index, in context) is >= 0 and var untried ? untried : index;
        }
    }
}
