namespace Outrider.Proxy.Upstream.LoadBalancing;

/// <summary>
/// One host after the other, in one order for the whole process: a client sees the hosts in turn, whatever loops its connections come
/// to. Tries after a request's first have a round of their own: if they took turns of the other one, then with a dead host of two
/// every request would begin at the dead one.
/// </summary>
internal sealed class RoundRobinBalancer : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_ROUNDROBIN";

    private RoundCursor _cursor;
    private RoundCursor _retries;

    /// <inheritdoc/>
    public string Name => BalancerName;

    /// <inheritdoc/>
    public UpstreamHost? Choose(HostSet hosts, int loop, LoopRandom random, ref TriedHosts tried)
    {
        if (hosts.Count == 0)
        {
            return null;
        }

        ref RoundCursor cursor = ref (tried.Tries == 0 ? ref _cursor : ref _retries);
        UpstreamHost host = hosts[cursor.Advance(hosts.Count)];
        for (int i = 1; i < hosts.Count && tried.Contains(host); i++)
        {
            host = hosts[cursor.Advance(hosts.Count)];
        }

        tried.Add(host);
        return host;
    }
}
