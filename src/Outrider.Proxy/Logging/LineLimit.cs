namespace Outrider.Proxy.Logging;

/// <summary>
/// Keeps lines of one kind, which strangers can cause as often as they like, from filling a log: so many in a time, and the next one that is
/// written says how many were left out. Any thread; where several call it at the turn of a window, a line may be one too early or left out.
/// </summary>
/// <param name="lines">How many lines. Default: 10.</param>
/// <param name="milliseconds">In how long. Default: ten seconds.</param>
internal sealed class LineLimit(int lines = 10, int milliseconds = 10_000)
{
    private long _windowEnd = long.MinValue;
    private long _leftOut;
    private long _wanted;

    /// <summary>May a line be written now?</summary>
    /// <param name="now"><see cref="Environment.TickCount64"/>.</param>
    /// <param name="leftOut">When it may: how many were left out since the last one.</param>
    public bool TryTake(long now, out long leftOut)
    {
        long end = Volatile.Read(ref _windowEnd);
        if (now >= end && Interlocked.CompareExchange(ref _windowEnd, now + milliseconds, end) == end)
        {
            Volatile.Write(ref _wanted, 0);
        }

        if (Interlocked.Increment(ref _wanted) > lines)
        {
            Interlocked.Increment(ref _leftOut);
            leftOut = 0;
            return false;
        }

        leftOut = Interlocked.Exchange(ref _leftOut, 0);
        return true;
    }

    /// <summary>What a line says at its end of those that were left out.</summary>
    public static string Note(long leftOut) => leftOut == 0 ? "" : $" ({leftOut} lines like it were left out)";
}
