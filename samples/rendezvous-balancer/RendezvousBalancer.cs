using Outrider.Filters;

namespace Outrider.Samples.RendezvousBalancer;

/// <summary>
/// Sends requests that belong together (the route's <c>hash_policy</c>) to the same host: each host has a score for each hash, and the greatest wins
/// (Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous", 1996). When a host goes, only its own requests move.
/// </summary>
/// <param name="config">The configuration.</param>
[LoadBalancer("LB_RENDEZVOUS")]
public sealed class RendezvousBalancer(RendezvousConfig config) : ILoadBalancer
{
    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new RendezvousPicker(hosts, config);
}
