namespace Outrider.Filters;

/// <summary>What a load balancer knows of the request that it picks a host for. Lives for the length of one call, on the loop of the request.</summary>
public ref struct PickContext
{
    private readonly ref readonly TriedHosts _tried;
    private ulong _random;

    /// <param name="loop">The number of the loop, from 0.</param>
    /// <param name="seed">What random numbers begin with: a random number of its own for each pick.</param>
    /// <param name="tried">The hosts that the request was sent to.</param>
    public PickContext(int loop, ulong seed, ref readonly TriedHosts tried)
    {
        Loop = loop;
        _random = seed;
        _tried = ref tried;
    }

    /// <summary>The number of the loop that picks, from 0: what a balancer keeps for each loop it may keep in an array at this index.</summary>
    public int Loop { get; }

    /// <summary>What the route's <c>hash_policy</c> makes of the request: requests with the same value belong together. Null where it makes nothing of it, or the route has none.</summary>
    public ulong? Hash { get; init; }

    /// <summary>
    /// What the request wants of a host's metadata, by the route's <c>metadata_match</c> and what filters have set, sorted by key. Null where nothing is asked for, or
    /// the cluster has no subsets.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Metadata { get; init; }

    /// <summary>How many hosts the request was sent to before; 0 for the first pick.</summary>
    public readonly int Tries => _tried.Tries;

    /// <summary>Was the request sent to that host before? The last four are remembered.</summary>
    public readonly bool WasTried(BalancedHost host) => _tried.Contains(host);

    /// <summary>A random number below <paramref name="bound"/>; 0 when that is 0. Good for spreading load, of no use for secrets.</summary>
    public uint Next(uint bound)
    {
        // SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014); one multiplication keeps it below the bound.
        ulong z = _random += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (uint)Math.BigMul(z ^ (z >> 31), (ulong)bound, out _);
    }
}
