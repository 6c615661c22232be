namespace Outrider.Filters;

/// <summary>The head of a response: status and header fields.</summary>
public abstract class ResponseHeaders : HeaderMap
{
    /// <summary>The status, 200–599 (or 101 for an upgrade, which may not be changed).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to something outside 200–599.</exception>
    public abstract int Status { get; set; }
}
