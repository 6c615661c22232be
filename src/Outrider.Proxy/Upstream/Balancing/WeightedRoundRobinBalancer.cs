using Outrider.Filters;

namespace Outrider.Proxy.Upstream.Balancing;

/// <summary>
/// One host after the other, the heavier more often, and its turns spread over the round: each turn every host gains its weight,
/// the one with the most is chosen and pays the sum of all weights. (Weights 5, 1, 1 give a a b a c a a.)
/// </summary>
internal sealed class WeightedRoundRobinBalancer : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_WEIGHTED_ROUNDROBIN";

    private readonly RoundRobinBalancer _equal = new();

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => hosts.HasEqualWeights ? _equal.BuildPicker(hosts, previous) : new Picker(hosts);

    private sealed class Picker(BalancedHosts hosts) : IHostPicker
    {
        // Turns that a loop skips before its first, at most: enough that loops do not all start with the same host.
        private const uint MaxSkipped = 64;

        // What each host has gained and not paid, for each loop; null until the loop's first turn.
        private readonly long[]?[] _rounds = new long[hosts.Loops][];

        public int Pick(ref PickContext context)
        {
            // Another host by weight pays nothing: a turn that a retry took would be one that the next request does not get, and
            // with a dead host every request would come to begin there.
            return context.Tries > 0 ? hosts.DrawUntried(ref context) : Turn(_rounds[context.Loop] ??= Start(ref context));
        }

        private long[] Start(ref PickContext context)
        {
            long[] credits = new long[hosts.Count];
            for (uint skip = context.Next(Math.Min(hosts.TotalWeight, MaxSkipped)); skip > 0; skip--)
            {
                Turn(credits);
            }

            return credits;
        }

        private int Turn(long[] credits)
        {
            ReadOnlySpan<int> weights = hosts.Weights;
            int best = 0;
            for (int i = 0; i < credits.Length; i++)
            {
                credits[i] += weights[i];
                best = credits[i] > credits[best] ? i : best;
            }

            credits[best] -= hosts.TotalWeight;
            return best;
        }
    }
}
