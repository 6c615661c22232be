using Outrider.Envoy.Callbacks;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>A response that a filter writes piece by piece. On the stream's worker; pauses while the client does not keep up.</summary>
internal sealed class EnvoyReplyWriter(EnvoyStream stream) : Outrider.Filters.ReplyWriter
{
    private TaskCompletionSource? _unblocked;
    private bool _isClosed;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_isClosed)
        {
            throw new InvalidOperationException("the reply has ended");
        }

        stream.Aborted.ThrowIfCancellationRequested();
        _ = stream.Pointer;

        if (!bytes.IsEmpty)
        {
            StreamCallbacks.SendData(stream.Pointer, bytes.Span, endStream: false);
        }

        if (!stream.IsOver && stream.IsResponseBlocked)
        {
            _unblocked ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_unblocked.Task.WaitAsync(stream.Aborted));
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>The reply has ended: nothing is written any more.</summary>
    internal void Close() => _isClosed = true;

    internal void OnUnblocked()
    {
        var waiting = _unblocked;
        _unblocked = null;
        waiting?.TrySetResult();
    }
}
