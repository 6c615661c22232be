using Outrider.Filters;

namespace Outrider.Upstream.Balancing;

/// <summary>
/// One host after the other, the heavier more often, and its turns spread over the round (<see cref="WeightedRound"/>), in one order for the whole process.
/// </summary>
internal sealed class WeightedRoundRobinBalancer : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_WEIGHTED_ROUNDROBIN";

    private readonly RoundRobinBalancer _equal = new();

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => hosts.HasEqualWeights
        ? _equal.BuildPicker(hosts, previous)
        : new Picker(hosts, (previous as Picker)?.Rounds ?? new RoundCursors());

    private sealed class Picker(BalancedHosts hosts, RoundCursors rounds) : IHostPicker
    {
        private readonly int[] _round = WeightedRound.Of(hosts.Weights);

        /// <summary>Where the round stands; that of other hosts goes on from there.</summary>
        public RoundCursors Rounds => rounds;

        // Another host by weight takes no turn: a turn that a retry took would be one that the next request does not get, and
        // with a dead host every request would come to begin there.
        public int Pick(ref PickContext context) => context.Tries > 0 ? hosts.DrawUntried(ref context) : _round[rounds.First.Advance(_round.Length)];
    }
}
