namespace Outrider.Upstream.Hosts;

/// <summary>
/// What picks look at of many hosts: whether each is sick, and what it has to do on each loop. It lies in arrays side by side, so that picking among ten thousand
/// hosts finds in the processor's cache what it compares; the hosts themselves are objects all over the heap, of which each costs several misses.
/// </summary>
/// <remarks>
/// A place is a host's for the host's life, and lives as long as any host of the same block. Each loop has arrays of its own, which it alone writes, with a cache
/// line of padding on either side; anybody may read them. Sickness is written by whoever changes a host's health.
/// </remarks>
internal sealed class HostLoads
{
    // On either side, so that 128 bytes lie between what two loops write: x86 fetches lines of 64 bytes in pairs, and Arm's big cores have them of 128.
    private const int Padding = 64;

    private readonly OfLoop[] _loops;
    private readonly byte[] _sick;
    private int _taken;

    /// <param name="places">How many hosts there is room for, 1 or more.</param>
    /// <param name="loops">How many loops there are.</param>
    internal HostLoads(int places, int loops)
    {
        Capacity = places;
        _loops = new OfLoop[loops];
        for (int i = 0; i < loops; i++)
        {
            _loops[i] = new OfLoop(places);
        }

        _sick = new byte[places];
    }

    /// <summary>How many hosts there is room for.</summary>
    internal int Capacity { get; }

    /// <summary>Have all places been taken?</summary>
    internal bool IsFull => _taken == Capacity;

    /// <summary>A place for a host. One thread at a time.</summary>
    /// <exception cref="InvalidOperationException">There is none left.</exception>
    internal int Take() => IsFull ? throw new InvalidOperationException("all places are taken") : _taken++;

    /// <summary>Requests in flight at the host of that place, of one loop.</summary>
    internal ref int Requests(int loop, int place) => ref _loops[loop].Requests[place + (Padding / sizeof(int))];

    /// <summary>Open connections to it, of one loop.</summary>
    internal ref int Connections(int loop, int place) => ref _loops[loop].Connections[place + (Padding / sizeof(int))];

    /// <summary>Open connections to it, of all loops.</summary>
    internal long AllConnections(int place)
    {
        long sum = 0;
        foreach (ref readonly var loop in _loops.AsSpan())
        {
            sum += Volatile.Read(in loop.Connections[place + (Padding / sizeof(int))]);
        }

        return sum;
    }

    /// <summary>How long its answers took, on one loop.</summary>
    internal ref HostLatency Latency(int loop, int place) => ref _loops[loop].Latencies[place + (Padding / HostLatency.Size)];

    /// <summary>May requests not go there? Any thread.</summary>
    internal bool IsSick(int place) => Volatile.Read(ref _sick[place]) != 0;

    /// <summary>Says whether they may not. Any thread.</summary>
    internal void SetSick(int place, bool isSick) => Volatile.Write(ref _sick[place], isSick ? (byte)1 : (byte)0);

    private readonly struct OfLoop(int places)
    {
        internal readonly int[] Requests = new int[places + (2 * Padding / sizeof(int))];
        internal readonly int[] Connections = new int[places + (2 * Padding / sizeof(int))];
        internal readonly HostLatency[] Latencies = new HostLatency[places + (2 * Padding / HostLatency.Size)];
    }
}
