namespace Outrider.Telemetry;

/// <summary>What one method of a filter has cost. Ticks are those of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
internal record struct FilterCost
{
    /// <summary>Calls.</summary>
    public long Calls;

    /// <summary>Ticks on the loop, from a call until it returns.</summary>
    public long Ticks;

    /// <summary>Ticks from a call that has not completed until its end is known.</summary>
    public long WaitTicks;

    /// <summary>Calls that threw, at once or later.</summary>
    public long Errors;

    /// <summary>Bytes that the loop's thread allocated during calls.</summary>
    public long AllocatedBytes;

    /// <summary>Both together.</summary>
    public static FilterCost operator +(FilterCost a, FilterCost b) => new()
    {
        Calls = a.Calls + b.Calls,
        Ticks = a.Ticks + b.Ticks,
        WaitTicks = a.WaitTicks + b.WaitTicks,
        Errors = a.Errors + b.Errors,
        AllocatedBytes = a.AllocatedBytes + b.AllocatedBytes,
    };
}
