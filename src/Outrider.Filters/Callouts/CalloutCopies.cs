namespace Outrider.Filters;

/// <summary>
/// Requests of a filter's own whose answers nobody wants: copies of what a client sends; see <see cref="StreamContext.OpenCopies"/>. Nothing here
/// waits. What a host does not take in time, or not within the base's limit of bytes that wait, is broken off. On the stream's loop thread alone.
/// </summary>
public abstract class CalloutCopies
{
    /// <summary>How many requests there are; 0 where the cluster has no host.</summary>
    public abstract int Count { get; }

    /// <summary>Sends a piece of the body to each. They copy what they cannot send at once.</summary>
    /// <exception cref="InvalidOperationException">After <see cref="Complete"/>.</exception>
    public abstract void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Ends the requests, which go on by themselves, after the stream's end as well. A second call does nothing.</summary>
    public abstract void Complete();
}
