using System.Runtime.CompilerServices;

namespace Outrider.Filters;

/// <summary>
/// The hosts that a request was sent to already, so that a retry goes to another one. It remembers the last four by identity,
/// which stays right when the cluster's hosts change between two tries. A part of its request: 40 bytes, no allocation.
/// </summary>
public struct TriedHosts
{
    /// <summary>How many hosts it remembers.</summary>
    public const int Capacity = 4;

    private Slots _slots;
    private int _tries;

    [InlineArray(Capacity)]
    private struct Slots
    {
        private BalancedHost? _first;
    }

    /// <summary>How many hosts were tried, those forgotten again included.</summary>
    public readonly int Tries => _tries;

    /// <summary>The hosts remembered, from the first tried to the last.</summary>
    /// <exception cref="ArgumentOutOfRangeException">So many are not remembered.</exception>
    public readonly BalancedHost this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Math.Min(_tries, Capacity), nameof(index));
            return _slots[(Math.Max(0, _tries - Capacity) + index) % Capacity]!;
        }
    }

    /// <summary>Is that one of the hosts remembered?</summary>
    public readonly bool Contains(BalancedHost host)
    {
        if (_tries == 0)
        {
            return false;
        }

        for (int i = 0; i < Capacity; i++)
        {
            if (ReferenceEquals(_slots[i], host))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Remembers a host, in the place of the oldest when there are four.</summary>
    public void Add(BalancedHost host)
    {
        _slots[_tries % Capacity] = host;
        _tries++;
    }
}
