using Outrider.Net.Interop;

namespace Outrider.Net.Descriptors;

/// <summary>
/// How many file descriptors the process may have, and how near to that it is. Without any free one the runtime cannot start a
/// thread, which ends the process; so listeners leave new connections in the kernel some way before, and connections that we
/// make wait for a free one a little later. What lies between is for the rest: logs, threads, plugins, the admin API.
/// </summary>
/// <remarks>
/// Nothing is counted: the kernel gives the lowest number that is free (open(2)), so a new descriptor's number says how many
/// there are at least, whoever opened the others. Any thread.
/// </remarks>
public sealed class DescriptorBudget
{
    // One in eight. The runtime takes two for a thread that it starts and two for each assembly that it loads, a plugin's
    // start takes about ten, the admin API has up to 64 connections.
    private const int ReserveShare = 8;
    private const int LeastReserve = 48;
    private const int MaxReserve = 512;

    /// <summary>Makes the budget of a process that may have so many.</summary>
    /// <param name="limit">How many descriptors there may be, 1 or more.</param>
    public DescriptorBudget(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        Limit = limit;
        Reserve = Math.Min(Math.Clamp(limit / ReserveShare, LeastReserve, MaxReserve), limit / 2);
    }

    /// <summary>This process's, after its limit was raised to what it may have at most (the "hard" one, setrlimit(2)). Made at the first use: at start.</summary>
    public static DescriptorBudget Process { get; } = new(Raise());

    /// <summary>Descriptors that the process may have (<c>RLIMIT_NOFILE</c>).</summary>
    public int Limit { get; }

    /// <summary>How many of them are not for connections: an eighth, 48 to 512, never more than half of what the process itself has left free.</summary>
    public int Reserve { get; private set; }

    /// <summary>Descriptors that the process has had for itself since its start: libraries, logs, listening sockets. 0 before <see cref="Settle"/>.</summary>
    public int InUseAtStart { get; private set; }

    /// <summary>From this descriptor number on no more clients are accepted.</summary>
    public int AcceptCeiling => Limit - Reserve;

    /// <summary>From this descriptor number on connections that we make wait: they may use half of the reserve.</summary>
    public int ConnectCeiling => Limit - (Reserve / 2);

    /// <summary>The process has started: what it has open now is its own. Where little is left, the reserve takes half of that at most.</summary>
    public void Settle()
    {
        InUseAtStart = LowestFree();
        Reserve = Math.Min(Reserve, (Limit - InUseAtStart) / 2);
    }

    /// <summary>The lowest descriptor number that is free, or <see cref="Limit"/> when there is none. Two system calls.</summary>
    public int LowestFree()
    {
        int fd = LibC.eventfd(0, Constants.EFD_CLOEXEC | Constants.EFD_NONBLOCK);
        if (fd < 0)
        {
            return Limit;
        }

        _ = LibC.close(fd);
        return fd;
    }

    /// <summary>Are there as many descriptors as clients may make there be, or more? Two system calls.</summary>
    public bool IsShort() => LowestFree() >= AcceptCeiling;

    private static unsafe int Raise()
    {
        // struct rlimit of 64-bit Linux: soft, hard.
        ulong* limit = stackalloc ulong[2];
        if (LibC.getrlimit(Constants.RLIMIT_NOFILE, limit) != 0)
        {
            // What Linux gives where nobody says otherwise.
            return 1024;
        }

        ulong soft = limit[0];
        if (soft < limit[1])
        {
            limit[0] = limit[1];
            soft = LibC.setrlimit(Constants.RLIMIT_NOFILE, limit) == 0 ? limit[1] : soft;
        }

        return (int)Math.Clamp(soft, 1, int.MaxValue / 2);
    }
}
