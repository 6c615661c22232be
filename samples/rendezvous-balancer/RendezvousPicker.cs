using Outrider.Filters;

namespace Outrider.Samples.RendezvousBalancer;

/// <summary>Picks in one set of hosts. Whatever it needs is computed when the set is made; a pick looks at each host once, and allocates nothing.</summary>
internal sealed class RendezvousPicker : IHostPicker
{
    private readonly BalancedHosts _hosts;
    private readonly ulong[] _names;
    private readonly double[] _shares;

    public RendezvousPicker(BalancedHosts hosts, RendezvousConfig config)
    {
        _hosts = hosts;
        _names = new ulong[hosts.Count];
        _shares = new double[hosts.Count];
        for (int i = 0; i < _names.Length; i++)
        {
            // Not string.GetHashCode, which is another one in each process.
            ulong name = Mix((ulong)config.Seed);
            foreach (char c in hosts[i].Address)
            {
                name = Mix(name ^ c);
            }

            _names[i] = name;
            _shares[i] = config.Weighted ? hosts.Weights[i] : 1;
        }
    }

    public int Pick(ref PickContext context)
    {
        if (_hosts.Count == 0)
        {
            return -1;
        }

        if (context.Hash is not { } hash)
        {
            return _hosts.DrawUntried(ref context);
        }

        int best = -1;
        int bestUntried = -1;
        double bestScore = double.NegativeInfinity;
        double bestUntriedScore = double.NegativeInfinity;
        for (int i = 0; i < _names.Length; i++)
        {
            // A number between 0 and 1, drawn by the hash; -share / ln of it makes the share the odds to win.
            double drawn = ((Mix(_names[i] ^ hash) >> 11) + 0.5) * (1.0 / (1UL << 53));
            double score = -_shares[i] / Math.Log(drawn);
            if (score > bestScore)
            {
                (best, bestScore) = (i, score);
            }

            if (score > bestUntriedScore && (context.Tries == 0 || !context.WasTried(_hosts[i])))
            {
                (bestUntried, bestUntriedScore) = (i, score);
            }
        }

        return bestUntried >= 0 ? bestUntried : best;
    }

    // The end of SplitMix64.
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
