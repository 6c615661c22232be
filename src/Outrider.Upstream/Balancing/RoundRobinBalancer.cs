using Outrider.Filters;

namespace Outrider.Upstream.Balancing;

/// <summary>
/// One host after the other, in one order for the whole process: a client sees the hosts in turn, whatever loops its connections come
/// to. Tries after a request's first have a round of their own: if they took turns of the other one, then with a dead host of two
/// every request would begin at the dead one.
/// </summary>
internal sealed class RoundRobinBalancer : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_ROUNDROBIN";

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new Picker(hosts, (previous as Picker)?.Rounds ?? new RoundCursors());

    private sealed class Picker(BalancedHosts hosts, RoundCursors rounds) : IHostPicker
    {
        /// <summary>Where the rounds stand; other hosts are gone through from there.</summary>
        public RoundCursors Rounds => rounds;

        public int Pick(ref PickContext context)
        {
            if (hosts.Count == 0)
            {
                return -1;
            }

            ref RoundCursor cursor = ref (context.Tries == 0 ? ref rounds.First : ref rounds.Retries);
            int index = cursor.Advance(hosts.Count);
            for (int i = 1; i < hosts.Count && context.WasTried(hosts[index]); i++)
            {
                index = cursor.Advance(hosts.Count);
            }

            return index;
        }
    }
}
