namespace Outrider.Filters;

/// <summary>The hosts of a cluster, or of one of its subsets, at one moment, with their weights as of then. Immutable.</summary>
public class BalancedHosts
{
    // Draws that avoid a host that was tried, before the next in line is taken, which would give it its neighbour's share.
    private const int MaxDraws = 8;

    private readonly BalancedHost[] _hosts;
    private readonly int[] _weights;
    private readonly AliasTable? _draws;

    /// <param name="hosts">The hosts in the order of the configuration; may be none.</param>
    /// <param name="loops">How many loops will pick among them, 1 or more.</param>
    public BalancedHosts(IReadOnlyList<BalancedHost> hosts, int loops) : this(hosts, loops, null)
    {
    }

    /// <param name="hosts">The hosts in the order of the configuration; may be none.</param>
    /// <param name="loops">How many loops will pick among them, 1 or more.</param>
    /// <param name="weights">Their weights, each 1 or more, instead of their own; null for their own.</param>
    protected BalancedHosts(IReadOnlyList<BalancedHost> hosts, int loops, IReadOnlyList<int>? weights)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        ArgumentOutOfRangeException.ThrowIfLessThan(loops, 1);
        Loops = loops;
        _hosts = [.. hosts];
        _weights = weights is null ? [.. hosts.Select(static host => host.Weight)] : [.. weights];
        HasEqualWeights = true;
        foreach (int weight in _weights)
        {
            TotalWeight += (uint)weight;
            HasEqualWeights &= weight == _weights[0];
        }

        _draws = HasEqualWeights ? null : new AliasTable(_weights, TotalWeight);
    }

    /// <summary>How many there are.</summary>
    public int Count => _hosts.Length;

    /// <summary>How many loops pick among them.</summary>
    public int Loops { get; }

    /// <summary>The sum of all weights.</summary>
    public uint TotalWeight { get; }

    /// <summary>Do all hosts weigh the same? True without any.</summary>
    public bool HasEqualWeights { get; }

    /// <summary>Their weights, in their order.</summary>
    public ReadOnlySpan<int> Weights => _weights;

    /// <summary>The host at an index.</summary>
    /// <exception cref="IndexOutOfRangeException">There is none.</exception>
    public BalancedHost this[int index] => _hosts[index];

    /// <summary>Index of a host drawn by weight. There must be one at least.</summary>
    /// <param name="context">Draws.</param>
    public int Draw(ref PickContext context)
    {
        return _draws is null ? (int)context.Next((uint)_hosts.Length) : _draws.Draw(ref context);
    }

    /// <summary>Index of a host drawn by weight, of those that were not tried while there are any. There must be one host at least.</summary>
    /// <param name="context">Draws, and knows who was tried.</param>
    public int DrawUntried(ref PickContext context)
    {
        int drawn = Draw(ref context);
        if (context.Tries == 0)
        {
            return drawn;
        }

        for (int i = 0; i < MaxDraws && context.WasTried(_hosts[drawn]); i++)
        {
            drawn = Draw(ref context);
        }

        return FirstUntried(drawn, in context) is >= 0 and var index ? index : drawn;
    }

    /// <summary>Index of the first host from <paramref name="start"/> on, around the end, that was not tried; −1 when all were.</summary>
    /// <param name="start">Where to begin: 0 up to <see cref="Count"/>, exclusive.</param>
    /// <param name="context">Knows who was tried.</param>
    public int FirstUntried(int start, ref readonly PickContext context)
    {
        for (int i = 0; i < _hosts.Length; i++)
        {
            int index = start + i < _hosts.Length ? start + i : start + i - _hosts.Length;
            if (!context.WasTried(_hosts[index]))
            {
                return index;
            }
        }

        return -1;
    }
}
