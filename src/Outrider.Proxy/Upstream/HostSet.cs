using Outrider.Proxy.Upstream.Subsets;

namespace Outrider.Proxy.Upstream;

/// <summary>The hosts of a cluster at one moment, with their weights as of then. Immutable.</summary>
internal sealed class HostSet
{
    /// <summary>No host at all.</summary>
    public static readonly HostSet Empty = new([]);

    private readonly UpstreamHost[] _hosts;
    private readonly int[] _weights;

    // The sum of the weights up to and with each host.
    private readonly uint[] _weightsUpTo;

    public HostSet(IEnumerable<UpstreamHost> hosts)
    {
        _hosts = [.. hosts];
        _weights = [.. _hosts.Select(h => h.Weight)];
        _weightsUpTo = new uint[_hosts.Length];
        uint sum = 0;
        for (int i = 0; i < _hosts.Length; i++)
        {
            sum += (uint)_weights[i];
            _weightsUpTo[i] = sum;
        }

        TotalWeight = sum;
        HasEqualWeights = _weights.All(w => w == _weights[0]);
    }

    /// <summary>The same hosts divided by their metadata; null when the cluster has no subsets.</summary>
    public HostSubsets? Subsets { get; init; }

    /// <summary>How many there are.</summary>
    public int Count => _hosts.Length;

    /// <summary>The sum of all weights.</summary>
    public uint TotalWeight { get; }

    /// <summary>Do all hosts weigh the same?</summary>
    public bool HasEqualWeights { get; }

    /// <summary>The hosts in the order of the configuration.</summary>
    public ReadOnlySpan<UpstreamHost> Hosts => _hosts;

    /// <summary>Their weights.</summary>
    public ReadOnlySpan<int> Weights => _weights;

    /// <summary>The host at an index.</summary>
    public UpstreamHost this[int index] => _hosts[index];

    /// <summary>Index of a host drawn by weight. There must be one at least.</summary>
    public int Draw(LoopRandom random)
    {
        if (HasEqualWeights)
        {
            return (int)random.Next((uint)_hosts.Length);
        }

        int found = _weightsUpTo.AsSpan().BinarySearch(random.Next(TotalWeight) + 1);
        return found >= 0 ? found : ~found;
    }

    /// <summary>Index of the first host from <paramref name="start"/> on, around the end, that was not tried; −1 when all were.</summary>
    public int FirstUntried(int start, ref readonly TriedHosts tried)
    {
        for (int i = 0; i < _hosts.Length; i++)
        {
            int index = start + i < _hosts.Length ? start + i : start + i - _hosts.Length;
            if (!tried.Contains(_hosts[index]))
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>Index of a host drawn by weight, of those that were not tried while there are any. There must be one host at least.</summary>
    public int DrawUntried(LoopRandom random, ref readonly TriedHosts tried)
    {
        int drawn = Draw(random);
        if (tried.Tries == 0)
        {
            return drawn;
        }

        // A few more draws keep the shares as they are meant to be; taking the next host would give it its neighbour's share.
        for (int i = 0; i < 8 && tried.Contains(_hosts[drawn]); i++)
        {
            drawn = Draw(random);
        }

        return FirstUntried(drawn, in tried) is >= 0 and var index ? index : drawn;
    }
}
