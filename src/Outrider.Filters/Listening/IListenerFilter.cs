namespace Outrider.Filters;

/// <summary>
/// Looks at an accepted connection and the first bytes that came on it, before anybody reads them. One object serves all
/// connections of a listener, on all loops at once: it keeps nothing of a connection.
/// </summary>
public interface IListenerFilter
{
    /// <summary>How many bytes it looks at, at the most; 1 to 65 536. One that still needs more when there are so many has its connection closed. Default: 16 384.</summary>
    int MaxBytes => 16 * 1024;

    /// <summary>
    /// Says what is to happen with the connection. Called when the connection is accepted, with no bytes; then, after
    /// <see cref="ListenerFilterResult.NeedMore"/>, with more of them each time, from the first on. What filters before this one
    /// have consumed is not among them.
    /// </summary>
    /// <param name="connection">The connection; not to be kept.</param>
    /// <param name="received">The bytes; good for the length of the call.</param>
    /// <param name="isAll">No more will come: to need more closes the connection.</param>
    ListenerFilterResult Inspect(AcceptedConnection connection, ReadOnlySpan<byte> received, bool isAll);
}
