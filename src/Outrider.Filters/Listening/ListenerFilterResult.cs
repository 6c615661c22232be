namespace Outrider.Filters;

/// <summary>What a listener filter says of a connection.</summary>
public readonly struct ListenerFilterResult
{
    private ListenerFilterResult(bool needsMore, int consumed, string? reason)
    {
        NeedsMore = needsMore;
        Consumed = consumed;
        CloseReason = reason;
    }

    /// <summary>It cannot be said yet: ask again when more has come.</summary>
    public static ListenerFilterResult NeedMore { get; } = new(needsMore: true, 0, null);

    /// <summary>Go on with the next filter.</summary>
    public static ListenerFilterResult Continue => default;

    /// <summary>Must more bytes come?</summary>
    public bool NeedsMore { get; }

    /// <summary>How many of the bytes nobody behind this filter is to see.</summary>
    public int Consumed { get; }

    /// <summary>Why the connection is to be closed; null when it is not.</summary>
    public string? CloseReason { get; }

    /// <summary>Go on, without so many of the first bytes: they were for this filter alone.</summary>
    /// <param name="count">0 or more, and not more than were shown.</param>
    /// <exception cref="ArgumentOutOfRangeException">Less than 0.</exception>
    public static ListenerFilterResult Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(needsMore: false, count, null);
    }

    /// <summary>Close the connection.</summary>
    /// <param name="reason">Why, for the log.</param>
    public static ListenerFilterResult Close(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new(needsMore: false, 0, reason);
    }
}
