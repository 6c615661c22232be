namespace Outrider.Proxy.Upstream.LoadBalancing;

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
    public string Name => BalancerName;

    /// <inheritdoc/>
    public UpstreamHost? Choose(HostSet hosts, int loop, LoopRandom random, ref TriedHosts tried)
    {
        if (hosts.Count == 0)
        {
            return null;
        }

        int first = hosts.DrawUntried(random, in tried);
        int second = hosts.DrawUntried(random, in tried);

        // Cross-multiplied requests per weight. The first wins a tie, so idle hosts get their share by weight.
        long firstLoad = hosts[first].On(loop).ActiveRequests * hosts.Weights[second];
        long secondLoad = hosts[second].On(loop).ActiveRequests * hosts.Weights[first];
        UpstreamHost host = hosts[secondLoad < firstLoad ? second : first];
        tried.Add(host);
        return host;
    }
}
