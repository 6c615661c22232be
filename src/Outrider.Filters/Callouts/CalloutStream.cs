using System.Runtime.CompilerServices;

namespace Outrider.Filters;

/// <summary>
/// A request of a filter's own whose body is written, and whose answer is read, piece by piece; see
/// <see cref="StreamContext.OpenCallout"/>. On the stream's loop thread alone. Dispose it: what is not at its end then is
/// broken off.
/// </summary>
/// <remarks>
/// It ends with its stream: what is waited for then is an <see cref="OperationCanceledException"/>, and whoever calls it afterwards, or
/// from another thread, gets an <see cref="InvalidOperationException"/>.
/// </remarks>
public abstract class CalloutStream : IDisposable
{
    /// <summary>The answer's trailers, once it has been read to its end.</summary>
    public abstract IReadOnlyList<KeyValuePair<string, string>> Trailers { get; protected set; }

    /// <summary>The answer's status and headers, once they have come; its body is empty here. They may come before the request has ended.</summary>
    /// <exception cref="CalloutException">There was no answer.</exception>
    /// <exception cref="OperationCanceledException">The stream ended, or the token was cancelled.</exception>
    public abstract Task<CalloutResponse> GetResponseAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends a piece of the request's body; completes when another may be sent. Where the answer has ended already it goes
    /// nowhere.
    /// </summary>
    /// <exception cref="CalloutException">The request broke off.</exception>
    /// <exception cref="InvalidOperationException">After <see cref="CompleteAsync"/>, or after the stream's end.</exception>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Ends the request. A cluster may wait for that with its answer.</summary>
    /// <exception cref="CalloutException">The request broke off.</exception>
    /// <exception cref="InvalidOperationException">It has ended already, or the stream has.</exception>
    public abstract ValueTask CompleteAsync();

    /// <summary>The next piece of the answer's body, the caller's own; empty at its end. One read at a time.</summary>
    /// <exception cref="CalloutException">The answer broke off.</exception>
    /// <exception cref="OperationCanceledException">The stream ended, or the token was cancelled; then do not read on.</exception>
    public abstract ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>The answer's body to its end; see <see cref="ReadAsync"/>.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (ReadOnlyMemory<byte> piece; !(piece = await ReadAsync(cancellationToken)).IsEmpty;)
        {
            yield return piece;
        }
    }

    /// <summary>Breaks off what is not at its end. Nothing, after the stream's end.</summary>
    public abstract void Dispose();
}
