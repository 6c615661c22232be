using Outrider.Filters;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Balancing;

/// <summary>Of some hosts drawn at random by weight, the one that costs least.</summary>
/// <param name="hosts">The hosts.</param>
/// <param name="draws">How many are drawn.</param>
/// <param name="cost">What a host costs.</param>
internal sealed class LeastOfDrawn<TCost>(HostSet hosts, int draws, TCost cost) : IHostPicker
    where TCost : struct, IHostCost
{
    /// <inheritdoc/>
    public int Pick(ref PickContext context)
    {
        if (hosts.Count == 0)
        {
            return -1;
        }

        long now = TCost.Now;
        // The first wins a tie, so idle hosts get their share by weight.
        int best = hosts.DrawUntried(ref context);
        double least = cost.Of(in hosts.Place(best), context.Loop, now);
        for (int i = 1; i < draws; i++)
        {
            int other = hosts.DrawUntried(ref context);
            double found = cost.Of(in hosts.Place(other), context.Loop, now);
            if (found < least)
            {
                (best, least) = (other, found);
            }
        }

        return best;
    }
}
