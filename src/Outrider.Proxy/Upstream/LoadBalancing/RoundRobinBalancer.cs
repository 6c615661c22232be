namespace Outrider.Proxy.Upstream.LoadBalancing;

/// <summary>
/// One host after the other; each loop goes its own round. Tries after a request's first have a round of their own: if they took
/// turns of the other one, then with a dead host of two every request would begin at the dead one.
/// </summary>
internal sealed class RoundRobinBalancer(int loops) : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_ROUNDROBIN";

    private readonly LoopCursor[] _cursors = new LoopCursor[loops];
    private readonly LoopCursor[] _retries = new LoopCursor[loops];

    /// <inheritdoc/>
    public string Name => BalancerName;

    /// <inheritdoc/>
    public UpstreamHost? Choose(HostSet hosts, int loop, LoopRandom random, ref TriedHosts tried)
    {
        if (hosts.Count == 0)
        {
            return null;
        }

        ref LoopCursor cursor = ref (tried.Tries == 0 ? ref _cursors[loop] : ref _retries[loop]);
        UpstreamHost host = hosts[cursor.Advance(hosts.Count, random)];
        for (int i = 1; i < hosts.Count && tried.Contains(host); i++)
        {
            host = hosts[cursor.Advance(hosts.Count, random)];
        }

        tried.Add(host);
        return host;
    }
}
