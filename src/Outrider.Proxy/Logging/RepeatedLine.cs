namespace Outrider.Proxy.Logging;

/// <summary>Keeps a line that would come again and again to one in ten seconds, and counts the others. Any thread.</summary>
internal sealed class RepeatedLine
{
    private const int IntervalMilliseconds = 10_000;

    private long _nextAt;
    private long _suppressed;

    /// <summary>May the line be written now?</summary>
    /// <param name="suppressed">How many were not, since the last that was.</param>
    internal bool IsDue(out long suppressed)
    {
        long now = Environment.TickCount64;
        long next = Volatile.Read(ref _nextAt);
        if (now < next || Interlocked.CompareExchange(ref _nextAt, now + IntervalMilliseconds, next) != next)
        {
            Interlocked.Increment(ref _suppressed);
            suppressed = 0;
            return false;
        }

        suppressed = Interlocked.Exchange(ref _suppressed, 0);
        return true;
    }
}
