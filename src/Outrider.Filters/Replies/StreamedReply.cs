namespace Outrider.Filters;

/// <summary>An answer that a filter makes itself, piece by piece: <c>return FilterAction.Reply(new StreamedReply(200, async writer => …))</c>.</summary>
public sealed class StreamedReply
{
    private readonly List<KeyValuePair<string, string>> _headers = [];

    /// <param name="status">200–599.</param>
    /// <param name="write">
    /// Writes the body, on the stream's own thread; the response ends when it completes. When it fails the response is cut
    /// off, and the failure logged.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The status is not 200–599.</exception>
    public StreamedReply(int status, Func<ReplyWriter, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        LocalReply.ValidateStatus(status);
        Status = status;
        Write = write;
    }

    /// <summary>The status, 200–599.</summary>
    public int Status { get; }

    /// <summary>Writes the body.</summary>
    public Func<ReplyWriter, Task> Write { get; }

    /// <summary>The reply's headers in the order given. Framing headers are the base's to write.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>Adds a header. Returns the reply itself.</summary>
    /// <exception cref="ArgumentException">As for <see cref="LocalReply.With"/>.</exception>
    public StreamedReply With(string name, string value)
    {
        LocalReply.ThrowIfForbidden(name, value);
        _headers.Add(new(name, value));
        return this;
    }
}
