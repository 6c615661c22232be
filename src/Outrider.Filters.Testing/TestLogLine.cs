namespace Outrider.Filters.Testing;

/// <summary>A line that a filter, or the host about a filter, has written.</summary>
/// <param name="Stream">The number of the stream that it is about.</param>
/// <param name="Level">Its level.</param>
/// <param name="Message">What it says.</param>
public sealed record TestLogLine(long Stream, StreamLogLevel Level, string Message)
{
    /// <summary>What a filter threw that the line is about; null where it is about nothing of the kind.</summary>
    public Exception? Failure { get; init; }
}
