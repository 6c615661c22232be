namespace Outrider.Filters;

/// <summary>What a network filter wants to happen with the bytes that it was shown, or with the connection.</summary>
public readonly struct NetworkAction
{
    private NetworkAction(bool waits, string? reason)
    {
        IsWait = waits;
        CloseReason = reason;
    }

    /// <summary>Let the bytes through, as they are now.</summary>
    public static NetworkAction Continue => default;

    /// <summary>Keep them, and ask again when more have come. At most 64 KiB are kept: a filter that wants more has the connection closed, and so has one that wants more after the last.</summary>
    public static NetworkAction Wait { get; } = new(waits: true, null);

    /// <summary>Are the bytes to be kept?</summary>
    public bool IsWait { get; }

    /// <summary>Why the connection is to be closed; null when it is not.</summary>
    public string? CloseReason { get; }

    /// <summary>Close the connection; the bytes go nowhere.</summary>
    /// <param name="reason">Why, for the log.</param>
    public static NetworkAction Close(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new(waits: false, reason);
    }
}
