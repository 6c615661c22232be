using System.Globalization;

namespace Outrider.Plugins.Agent;

/// <summary>Says when a failure is worth a line in the log: the first of each second, with the number of those before it. Any thread.</summary>
internal sealed class AgentFailures
{
    private const long IntervalMilliseconds = 1000;

    private long _next;
    private int _silent;

    /// <summary>What to write behind the failure's own message; null when nothing is to be written.</summary>
    internal string? Note()
    {
        long now = Environment.TickCount64, next = Interlocked.Read(ref _next);
        if (now < next || Interlocked.CompareExchange(ref _next, now + IntervalMilliseconds, next) != next)
        {
            _ = Interlocked.Increment(ref _silent);
            return null;
        }

        int silent = Interlocked.Exchange(ref _silent, 0);
        return silent == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" (and {silent} failures more since the last line)");
    }
}
