namespace Outrider.Upstream.Balancing;

/// <summary>
/// One round of a weighted round robin, as indices of hosts: each stands there as often as its weight says, and its turns are spread over the round. Made once for a
/// set of hosts, off the loops, so that a turn costs the same for ten hosts and for ten thousand.
/// </summary>
internal static class WeightedRound
{
    // A round longer than that has its weights made smaller: 4 MiB.
    private const int Longest = 1 << 20;

    // What the exact way may cost: hosts times turns.
    private const long MaxSteps = 1 << 22;

    /// <summary>The round for these weights, each 1 or more.</summary>
    public static int[] Of(ReadOnlySpan<int> weights)
    {
        long[] scaled = new long[weights.Length];
        long divisor = 0, total = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            scaled[i] = weights[i];
            divisor = Gcd(divisor, weights[i]);
            total += weights[i];
        }

        total /= Math.Max(1, divisor);
        for (int i = 0; i < scaled.Length; i++)
        {
            scaled[i] /= divisor;
        }

        if (total > Longest)
        {
            double factor = (double)Longest / total;
            total = 0;
            for (int i = 0; i < scaled.Length; i++)
            {
                scaled[i] = Math.Max(1, (long)Math.Round(scaled[i] * factor));
                total += scaled[i];
            }
        }

        return total * weights.Length <= MaxSteps ? Smooth(scaled, (int)total) : Spread(scaled, (int)total);
    }

    // Each turn every host gains its weight; the one with the most is chosen and pays the sum of all weights: 5, 1, 1 give a a b a c a a.
    private static int[] Smooth(long[] weights, int total)
    {
        int[] round = new int[total];
        long[] credits = new long[weights.Length];
        for (int turn = 0; turn < total; turn++)
        {
            int best = 0;
            for (int i = 0; i < credits.Length; i++)
            {
                credits[i] += weights[i];
                best = credits[i] > credits[best] ? i : best;
            }

            credits[best] -= total;
            round[turn] = best;
        }

        return round;
    }

    // For many hosts: the k-th turn of a weight w belongs to the moment (k + ½) / w of the round; sorted by counting.
    private static int[] Spread(long[] weights, int total)
    {
        int[] starts = new int[total + 1];
        for (int host = 0; host < weights.Length; host++)
        {
            for (long k = 0; k < weights[host]; k++)
            {
                starts[Moment(k, weights[host], total) + 1]++;
            }
        }

        for (int i = 0; i < total; i++)
        {
            starts[i + 1] += starts[i];
        }

        int[] round = new int[total];
        for (int host = 0; host < weights.Length; host++)
        {
            for (long k = 0; k < weights[host]; k++)
            {
                round[starts[Moment(k, weights[host], total)]++] = host;
            }
        }

        return round;
    }

    private static int Moment(long turn, long weight, int total) => (int)(((2 * turn) + 1) * total / (2 * weight));

    private static long Gcd(long a, long b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
