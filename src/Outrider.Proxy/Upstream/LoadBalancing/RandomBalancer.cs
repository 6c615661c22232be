namespace Outrider.Proxy.Upstream.LoadBalancing;

/// <summary>Any host, each as likely as the others: MOSN gives weights no meaning here.</summary>
internal sealed class RandomBalancer : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_RANDOM";

    private const int MaxDraws = 8;

    /// <inheritdoc/>
    public string Name => BalancerName;

    /// <inheritdoc/>
    public UpstreamHost? Choose(HostSet hosts, int loop, LoopRandom random, ref TriedHosts tried)
    {
        if (hosts.Count == 0)
        {
            return null;
        }

        int index = (int)random.Next((uint)hosts.Count);
        if (tried.Tries > 0)
        {
            // A few more draws before the next in line is taken, which would give it its neighbour's share.
            for (int i = 1; i < MaxDraws && tried.Contains(hosts[index]); i++)
            {
                index = (int)random.Next((uint)hosts.Count);
            }

            index = hosts.FirstUntried(index, in tried) is >= 0 and var untried ? untried : index;
        }

        tried.Add(hosts[index]);
        return hosts[index];
    }
}
