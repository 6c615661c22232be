using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Balancing;

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
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new LeastOfDrawn<Load>((HostSet)hosts, options.ChoiceCount, new(options.ActiveBias));

    private readonly struct Load(double bias) : IHostCost
    {
        public double Of(in HostPlace host, int loop, long now)
        {
            double connections = host.Loads.AllConnections(host.Index);
            return (bias == 1 ? connections : Math.Pow(connections, bias)) / host.Weight;
        }
    }
}
