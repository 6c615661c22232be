using Outrider.Filters;
using Outrider.Proxy.Configuration.Model;

namespace Outrider.Proxy.Upstream.Balancing;

/// <summary>
/// Of some hosts drawn at random by weight, the one with the fewest open connections per weight. For connections that last, as those of <c>tcp_proxy</c>.
/// </summary>
/// <remarks>Connections are those of all loops: they change so rarely that reading the others' counters costs little.</remarks>
/// <param name="options">How many hosts are drawn, and how much connections count.</param>
internal sealed class LeastConnectionBalancer(BalancerOptions options) : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_LEAST_CONNECTION";

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new Picker(hosts, options);

    private sealed class Picker(BalancedHosts hosts, BalancerOptions options) : IHostPicker
    {
        public int Pick(ref PickContext context)
        {
            if (hosts.Count == 0)
            {
                return -1;
            }

            int best = hosts.DrawUntried(ref context);
            double least = Load(best);
            for (int i = 1; i < options.ChoiceCount; i++)
            {
                int other = hosts.DrawUntried(ref context);
                double load = Load(other);
                if (load < least)
                {
                    (best, least) = (other, load);
                }
            }

            return best;
        }

        private double Load(int index)
        {
            double connections = hosts[index].ActiveConnections;
            return (options.ActiveBias == 1 ? connections : Math.Pow(connections, options.ActiveBias)) / hosts.Weights[index];
        }
    }
}
