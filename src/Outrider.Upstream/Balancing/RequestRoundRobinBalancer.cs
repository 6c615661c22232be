using Outrider.Filters;

namespace Outrider.Upstream.Balancing;

/// <summary>MOSN's <c>LB_REQUEST_ROUNDROBIN</c>: each request begins at the first host, and its further tries, or the copies that a mirror makes of it, go to one host after the other.</summary>
internal sealed class RequestRoundRobinBalancer : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_REQUEST_ROUNDROBIN";

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new Picker(hosts);

    private sealed class Picker(BalancedHosts hosts) : IHostPicker
    {
        public int Pick(ref PickContext context) => hosts.Count == 0 ? -1 : context.Tries % hosts.Count;
    }
}
