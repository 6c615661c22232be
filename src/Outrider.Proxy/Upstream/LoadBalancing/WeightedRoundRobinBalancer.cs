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
    private const uint MostSkipped = 64;

    private readonly Round?[] _rounds = new Round?[loops];
    private readonly RoundRobinBalancer _equal = new(loops);

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

        Round? round = _rounds[loop];
        if (round?.Hosts != hosts)
        {
            round = Start(hosts, random);
            _rounds[loop] = round;
        }

        UpstreamHost host = hosts[Turn(round, in tried)];
        tried.Add(host);
        return host;
    }

    private static Round Start(HostSet hosts, LoopRandom random)
    {
        var round = new Round(hosts, new long[hosts.Count]);
        TriedHosts none = default;
        for (uint skip = random.Next(Math.Min(hosts.TotalWeight, MostSkipped)); skip > 0; skip--)
        {
            Turn(round, in none);
        }

        return round;
    }

    private static int Turn(Round round, ref readonly TriedHosts tried)
    {
        ReadOnlySpan<int> weights = round.Hosts.Weights;
        Span<long> credits = round.Credits;
        int best = -1, bestUntried = -1;
        for (int i = 0; i < credits.Length; i++)
        {
            credits[i] += weights[i];
            best = best < 0 || credits[i] > credits[best] ? i : best;
            if (tried.Tries > 0 && (bestUntried < 0 || credits[i] > credits[bestUntried]) && !tried.Contains(round.Hosts[i]))
            {
                bestUntried = i;
            }
        }

        int chosen = bestUntried >= 0 ? bestUntried : best;
        credits[chosen] -= round.Hosts.TotalWeight;
        return chosen;
    }
}
