namespace Outrider.Telemetry;

/// <summary>
/// How many connections to hosts are being made, over all clusters and loops, and how many may be (<c>max_pending_connects</c>): hosts that do not answer
/// must not take all descriptors and ports. A connection is counted until it is there, TLS included. Any thread.
/// </summary>
internal sealed class PendingConnects : PaddedCounters
{
    private int _count;
    private int _limit;
    private long _refused;
#pragma warning disable CS0169 // Nobody reads it; it only takes up space (PaddedCounters says why it is here).
    private readonly CacheLinePad _after;
#pragma warning restore CS0169

    /// <summary>The most that there may be at once; 0 for any number. Lowering it ends none.</summary>
    public int Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    /// <summary>Those that are being made.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Those that were not begun.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>One more, if there may be one.</summary>
    public bool TryBegin()
    {
        int limit = Limit;
        if (Interlocked.Increment(ref _count) <= limit || limit == 0)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        Interlocked.Increment(ref _refused);
        return false;
    }

    /// <summary>One more, however many there are: in place of one that has just failed.</summary>
    public void Begin() => Interlocked.Increment(ref _count);

    /// <summary>One less: it is there, or never will be.</summary>
    public void End() => Interlocked.Decrement(ref _count);
}
