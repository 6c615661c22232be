using Outrider.Filters;

namespace Outrider.Upstream.Balancing;

/// <summary>
/// Each hash has its host, and keeps it when other hosts come and go (Eisenbud et al., "Maglev", NSDI 2016): a table of a prime number of places, which the hosts
/// fill in turns, each in an order of its own. Heavier hosts have more turns. A request without a hash goes anywhere, by weight.
/// </summary>
internal sealed class MaglevBalancer : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_MAGLEV";

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new Picker(hosts);

    private sealed class Picker(BalancedHosts hosts) : IHostPicker
    {
        // Other places of the table that a retry looks at before it takes the next host in line.
        private const int MaxLooks = 8;

        private readonly int[] _table = MaglevTable.Build(hosts);

        public int Pick(ref PickContext context)
        {
            if (hosts.Count == 0)
            {
                return -1;
            }

            if (context.Hash is not { } hash)
            {
                return hosts.DrawUntried(ref context);
            }

            int index = _table[hash % (ulong)_table.Length];
            if (context.Tries == 0)
            {
                return index;
            }

            for (int i = 0; i < MaxLooks && context.WasTried(hosts[index]); i++)
            {
                hash = Next(hash);
                index = _table[hash % (ulong)_table.Length];
            }

            return hosts.FirstUntried(index, in context) is >= 0 and var untried ? untried : index;
        }

        // SplitMix64: the same places for the same hash each time, so that retries of what belongs together meet again.
        private static ulong Next(ulong hash)
        {
            ulong z = hash + 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
