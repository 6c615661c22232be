using Outrider.Filters;
using Outrider.Net.Loops;

namespace Outrider.Proxy.Streams.Callouts;

/// <summary>
/// A callout whose body is written, and whose answer is read, piece by piece. Both sides have their limit: a writer waits for the upstream, and
/// an upstream that sends faster than it is read waits for the reader. On the loop.
/// </summary>
/// <param name="loop">The stream's loop.</param>
/// <param name="callout">What is asked.</param>
/// <param name="maxBuffered">Bytes that may wait for the upstream.</param>
/// <param name="closed">Told once, when nothing more comes of it.</param>
internal sealed class StreamedCallout(EventLoop loop, Callout callout, int maxBuffered, Action<StreamedCallout> closed) : CalloutStream, IUpstreamCallOwner, ICallFlow
{
    // What is handed over at once, so that a large write is not copied as a whole.
    private const int MaxPiece = 65536;

    private readonly TaskCompletionSource<CalloutResponse> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<byte[]> _unread = new();
    private UpstreamCall? _call;
    private TaskCompletionSource<ReadOnlyMemory<byte>>? _reader;
    private TaskCompletionSource? _writer;
    private Exception? _failure;
    private int _held;
    private bool _isPaused, _isWritten, _isAnswered, _isStreamOver;

    public override IReadOnlyList<KeyValuePair<string, string>> Trailers { get; protected set; } = [];

    public override Task<CalloutResponse> GetResponseAsync(CancellationToken cancellationToken = default)
    {
        Check();
        return cancellationToken.CanBeCanceled ? _head.Task.WaitAsync(cancellationToken) : _head.Task;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        BeginWrite();
        return bytes.IsEmpty ? ValueTask.CompletedTask : SendAsync(bytes, endStream: false);
    }

    public override ValueTask CompleteAsync()
    {
        BeginWrite();
        _isWritten = true;
        return SendAsync(default, endStream: true);
    }

    public override ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken = default)
    {
        Check();
        if (_unread.TryDequeue(out byte[]? piece))
        {
            _held -= piece.Length;
            if (_isPaused && _held <= callout.ReadAhead / 2)
            {
                _isPaused = false;
                _call?.HoldAnswer(false);
            }

            return new(piece);
        }

        if (_failure is not null)
        {
            return ValueTask.FromException<ReadOnlyMemory<byte>>(_failure);
        }

        if (_isAnswered)
        {
            return new(ReadOnlyMemory<byte>.Empty);
        }

        if (_reader is not null)
        {
            throw new InvalidOperationException("a read is under way");
        }

        _reader = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(cancellationToken.CanBeCanceled ? _reader.Task.WaitAsync(cancellationToken) : _reader.Task);
    }

    public override void Dispose()
    {
        if (_isStreamOver)
        {
            return;
        }

        Check();
        _call?.Cancel();
        var failure = new ObjectDisposedException(nameof(CalloutStream), "the callout was given up");
        Close(failure);
        _failure = failure;
        _unread.Clear();
    }

    /// <summary>Sends the head, and what is known of the body.</summary>
    internal void Start(UpstreamCall call)
    {
        _call = call;
        // No limit is 0 there.
        long timeout = callout.Timeout == Timeout.InfiniteTimeSpan ? 0 : StreamCallouts.MillisecondsOf(callout);
        call.Start(callout.Body.Span, endStream: false, timeout);
    }

    /// <summary>The stream has ended: nothing more will come.</summary>
    internal void OnStreamEnded(CancellationToken aborted)
    {
        _isStreamOver = true;
        _call?.Cancel();
        _call = null;
        if (!_isAnswered)
        {
            _isAnswered = true;
            _failure = new OperationCanceledException("the stream has ended", aborted);
        }

        _ = _head.TrySetCanceled(aborted);
        _ = _reader?.TrySetCanceled(aborted);
        _ = _writer?.TrySetCanceled(aborted);
    }

    public void OnCallHead(UpstreamCall call, bool endStream)
    {
        _ = _head.TrySetResult(new CalloutResponse(call.ResponseHead.Status, StreamCallouts.FieldsOf(call.ResponseHead.Fields), []));
        EndIf(endStream);
    }

    public void OnCallData(UpstreamCall call, ReadOnlySpan<byte> data, bool endStream)
    {
        if (!data.IsEmpty)
        {
            byte[] piece = data.ToArray();
            if (!TryHandOver(piece))
            {
                _unread.Enqueue(piece);
                _held += piece.Length;
            }
        }

        if (!endStream && !_isPaused && _held > callout.ReadAhead)
        {
            _isPaused = true;
            call.HoldAnswer(true);
        }

        EndIf(endStream);
    }

    public void OnCallTrailers(UpstreamCall call)
    {
        Trailers = StreamCallouts.FieldsOf(call.ResponseTrailers);
        EndIf(endStream: true);
    }

    public void OnCallFailed(UpstreamCall call, bool connected, bool timedOut, bool protocolError)
        => Close(new CalloutException($"cluster '{callout.Cluster}': {call.Host}: {call.FailureReason ?? "it broke off"}"));

    void ICallFlow.Add(UpstreamCall call)
    {
    }

    void ICallFlow.Remove(UpstreamCall call)
    {
    }

    void ICallFlow.OnFlow()
    {
        if (_call is not { IsBlocked: true })
        {
            GoOnWriting();
        }
    }

    private void BeginWrite()
    {
        Check();
        if (_isWritten)
        {
            throw new InvalidOperationException("the request has ended: nothing can be written any more");
        }

        if (_writer is not null)
        {
            throw new InvalidOperationException("a write is under way");
        }

        if (_failure is not null)
        {
            throw _failure;
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, bool endStream)
    {
        while (_call is { } call)
        {
            var piece = bytes[..Math.Min(bytes.Length, Math.Min(MaxPiece, maxBuffered))];
            bool taken = call.SendData(piece.Span, endStream);
            if (taken)
            {
                bytes = bytes[piece.Length..];
            }

            if (!taken || call.IsBlocked)
            {
                _writer = new(TaskCreationOptions.RunContinuationsAsynchronously);
                try
                {
                    // It goes on on the loop.
                    await _writer.Task.ConfigureAwait(true);
                }
                finally
                {
                    _writer = null;
                }

                if (_failure is not null)
                {
                    throw _failure;
                }
            }

            if (taken && bytes.IsEmpty)
            {
                return;
            }
        }
    }

    private void EndIf(bool endStream)
    {
        if (endStream)
        {
            Close(null);
        }
    }

    /// <summary>Nothing more comes. What was answered in full has not failed, whatever becomes of the rest of its request.</summary>
    private void Close(Exception? failure)
    {
        _call = null;
        if (_isAnswered)
        {
            return;
        }

        _isAnswered = true;
        _failure = failure;
        closed(this);
        if (failure is null)
        {
            _ = TryHandOver([]);
        }
        else
        {
            if (_head.TrySetException(failure))
            {
                // Whoever only writes and reads hears of it there.
                _ = _head.Task.Exception;
            }

            _ = _reader?.TrySetException(failure);
            _reader = null;
        }

        GoOnWriting();
    }

    private bool TryHandOver(byte[] piece)
    {
        var reader = _reader;
        _reader = null;
        return reader is not null && reader.TrySetResult(piece);
    }

    private void GoOnWriting() => _ = _writer?.TrySetResult();

    private void Check()
    {
        if (_isStreamOver)
        {
            throw new InvalidOperationException("the stream that the callout belongs to has ended");
        }

        if (!loop.IsCurrent)
        {
            throw new InvalidOperationException("a callout is its stream's thread's: without ConfigureAwait(false)");
        }
    }
}
