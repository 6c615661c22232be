namespace Outrider.Proxy.Upstream.LoadBalancing;

/// <summary>
/// One host after the other, the heavier more often, and its turns spread over the round: each turn every host gains its weight,
/// the one with the most is chosen and pays the sum of all weights. (Weights 5, 1, 1 give a a b a c a a.)
/// </summary>
internal sealed class WeightedRoundRobinBalancer(int loops) : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_WEIGHTED_ROUNDROBIN";

    // Turns that a loop skips before its first, at most: enough that loops do not all start with the same host.
    private const uint MaxSkipped = 64;

    private readonly Round?[] _rounds = new Round?[loops];
    private readonly RoundRobinBalancer _equal = new();

    /// <inheritdoc/>
    public string Name => BalancerName;

    // A loop's round through one set of hosts.
    private sealed record Round(HostSet Hosts, long[] Credits);

    /// <inheritdoc/>
    public UpstreamHost? Choose(HostSet hosts, int loop, LoopRandom random, ref TriedHosts tried)
    {
        if (hosts.HasEqualWeights)
        {
            return _equal.Choose(hosts, loop, random, ref tried);
        }

        if (tried.Tries > 0)
        {
            // Another host by weight, which pays nothing: a turn that a retry took would be one that the next request does not get, and
            // with a dead host every request would come to begin there.
            UpstreamHost other = hosts[hosts.DrawUntried(random, in tried)];
            tried.Add(other);
            return other;
        }

        Round? round = _rounds[loop];
        if (round?.Hosts != hosts)
        {
            round = Start(hosts, random);
            _rounds[loop] = round;
        }

        UpstreamHost host = hosts[Turn(round)];
        tried.Add(host);
        return host;
    }

    private static Round Start(HostSet hosts, LoopRandom random)
    {
        var round = new Round(hosts, new long[hosts.Count]);
        for (uint skip = random.Next(Math.Min(hosts.TotalWeight, MaxSkipped)); skip > 0; skip--)
        {
            Turn(round);
        }

        return round;
    }

    private static int Turn(Round round)
    {
        ReadOnlySpan<int> weights = round.Hosts.Weights;
        Span<long> credits = round.Credits;
        int best = 0;
        for (int i = 0; i < credits.Length; i++)
        {
            credits[i] += weights[i];
            best = credits[i] > credits[best] ? i : best;
        }

        credits[best] -= round.Hosts.TotalWeight;
        return best;
    }
}
