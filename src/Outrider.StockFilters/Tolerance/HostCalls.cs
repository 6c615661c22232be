namespace Outrider.StockFilters.Tolerance;

/// <summary>What has become of a host's calls. Counted on the loops; the rest is the comparing thread's.</summary>
internal sealed class HostCalls
{
    private long _calls, _exceptions;

    /// <summary>When requests stopped going there, in milliseconds of <see cref="Environment.TickCount64"/>; null while they do.</summary>
    internal long? DownSince { get; set; }

    /// <summary>How many times in a row it was looked at and had had no calls.</summary>
    internal int IdleTimes { get; set; }

    /// <summary>Counts a call.</summary>
    internal void Add(bool isException)
    {
        _ = Interlocked.Increment(ref _calls);
        if (isException)
        {
            _ = Interlocked.Increment(ref _exceptions);
        }
    }

    /// <summary>The counts so far.</summary>
    internal (long Calls, long Exceptions) Read() => (Interlocked.Read(ref _calls), Interlocked.Read(ref _exceptions));

    /// <summary>Takes counts away that have been looked at.</summary>
    internal void Take(long calls, long exceptions)
    {
        _ = Interlocked.Add(ref _calls, -calls);
        _ = Interlocked.Add(ref _exceptions, -exceptions);
    }
}
