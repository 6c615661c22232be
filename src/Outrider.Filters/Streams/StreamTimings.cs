namespace Outrider.Filters;

/// <summary>When what happened to a stream. Durations count from <see cref="StartTime"/>; zero means not yet.</summary>
public readonly record struct StreamTimings
{
    /// <summary>The first byte of the request was read (wall clock, UTC).</summary>
    public DateTime StartTime { get; init; }

    /// <summary>The request's headers were handed to the upstream.</summary>
    public TimeSpan RequestReceived { get; init; }

    /// <summary>The response's headers came from the upstream.</summary>
    public TimeSpan ResponseReceived { get; init; }

    /// <summary>The last byte of the response was handed to the client's connection.</summary>
    public TimeSpan RequestFinished { get; init; }
}
