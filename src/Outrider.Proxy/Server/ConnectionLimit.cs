namespace Outrider.Proxy.Server;

/// <summary>Counts connections up to a limit that all loops share. Exact, whichever threads come at once. Any thread.</summary>
/// <param name="most">How many there may be.</param>
internal sealed class ConnectionLimit(int most)
{
    private volatile int _most = most;
    private int _count;

    /// <summary>How many there may be. Lowering it closes nothing.</summary>
    internal int Max
    {
        get => _most;
        set => _most = value;
    }

    /// <summary>How many there are.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>One more, if there may be one.</summary>
    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= _most)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>One less.</summary>
    internal void Leave() => Interlocked.Decrement(ref _count);
}
