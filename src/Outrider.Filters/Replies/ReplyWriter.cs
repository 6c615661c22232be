namespace Outrider.Filters;

/// <summary>Where a <see cref="StreamedReply"/> writes its body. On the stream's own thread alone.</summary>
public abstract class ReplyWriter
{
    /// <summary>Sends bytes; completes when the client has taken enough that more may be sent.</summary>
    /// <exception cref="OperationCanceledException">The client has gone.</exception>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);
}
