using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callouts;

/// <summary>
/// A callout of which Envoy tells piece by piece. On the stream's worker alone. The ABI can neither stop an answer that comes
/// faster than it is read nor say that a request is written faster than it goes out: so what has not been read is held
/// here, up to the callout's limit, and what has been written is Envoy's.
/// </summary>
internal sealed class EnvoyCalloutStream(EnvoyLink link, StreamCallouts callouts, Callout callout) : CalloutStream
{
    private readonly TaskCompletionSource<CalloutResponse> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<byte[]> _unread = new();
    private TaskCompletionSource<ReadOnlyMemory<byte>>? _reader;
    private Exception? _failure;
    private int _held;
    private bool _isWritten;
    private bool _isAnswered;

    /// <summary>Envoy's number for it.</summary>
    internal ulong Id { get; set; }

    /// <summary>Has Envoy forgotten it?</summary>
    internal bool IsGone { get; private set; }

    public override IReadOnlyList<KeyValuePair<string, string>> Trailers { get; protected set; } = [];

    public override Task<CalloutResponse> GetResponseAsync(CancellationToken cancellationToken = default)
    {
        _ = link.Pointer;
        return cancellationToken.CanBeCanceled ? _head.Task.WaitAsync(cancellationToken) : _head.Task;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        nint filter = Begin();
        ThrowIfWritten();
        if (!bytes.IsEmpty && !IsGone)
        {
            _ = CalloutStreamCallbacks.SendData(filter, Id, bytes.Span, endStream: false);
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask CompleteAsync()
    {
        nint filter = Begin();
        ThrowIfWritten();
        _isWritten = true;
        if (!IsGone)
        {
            _ = CalloutStreamCallbacks.SendData(filter, Id, default, endStream: true);
        }

        return ValueTask.CompletedTask;
    }

    public override ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken = default)
    {
        _ = link.Pointer;
        if (_unread.TryDequeue(out byte[]? piece))
        {
            _held -= piece.Length;
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

        _ = Begin();
        if (_reader is not null)
        {
            throw new InvalidOperationException("a read is under way");
        }

        _reader = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return new(cancellationToken.CanBeCanceled ? _reader.Task.WaitAsync(cancellationToken) : _reader.Task);
    }

    public override void Dispose()
    {
        if (link.IsOver)
        {
            return;
        }

        _ = link.Pointer;
        var failure = new ObjectDisposedException(nameof(CalloutStream), "the callout was given up");
        if (!IsGone)
        {
            BreakOff(failure);
        }

        _failure = failure;
        _unread.Clear();
    }

    internal void OnHeaders(ReadOnlySpan<EnvoyHeader> headers, bool endStream)
    {
        // What comes before the final answer (100, 103) is of no use to a filter.
        var head = CalloutFields.ReadHead(headers, []);
        if (head.Status is < 100 or >= 200)
        {
            _head.TrySetResult(head);
        }

        if (endStream)
        {
            OnNoMore();
        }
    }

    internal void OnData(ReadOnlySpan<EnvoyBuffer> slices, bool endStream)
    {
        byte[] piece = CalloutFields.Join(slices);
        if (piece.Length > 0 && !TryHandOver(piece))
        {
            _unread.Enqueue(piece);
            _held += piece.Length;
        }

        if (endStream)
        {
            OnNoMore();
        }
        else if (_held > callout.ReadAhead)
        {
            BreakOff(new CalloutException($"cluster '{callout.Cluster}': the answer came faster than it was read, by more than {callout.ReadAhead} bytes"));
        }
    }

    internal void OnTrailers(ReadOnlySpan<EnvoyHeader> trailers)
    {
        Trailers = CalloutFields.Read(trailers);
        OnNoMore();
    }

    /// <summary>Both ways have ended as they should.</summary>
    internal void OnComplete()
    {
        OnNoMore();
        Forget();
    }

    internal void OnReset(CalloutResetReason reason)
    {
        Forget();
        Fail(new CalloutException($"cluster '{callout.Cluster}': the callout broke off ({reason}), or took too long"));
    }

    /// <summary>The stream has ended: nothing more will come. Envoy breaks the callout off by itself.</summary>
    internal void OnStreamEnded()
    {
        IsGone = true;
        if (!_isAnswered)
        {
            _isAnswered = true;
            _failure = new OperationCanceledException("the stream has ended", link.Aborted);
            _head.TrySetCanceled(link.Aborted);
            _reader?.TrySetCanceled(link.Aborted);
        }
    }

    private void OnNoMore()
    {
        if (!_isAnswered)
        {
            _isAnswered = true;
            _ = TryHandOver([]);
        }
    }

    private void Forget()
    {
        IsGone = true;
        callouts.Remove(this);
    }

    private void BreakOff(Exception failure)
    {
        nint filter = link.Pointer;
        Forget();
        Fail(failure);
        CalloutStreamCallbacks.Reset(filter, Id);
    }

    // What was answered in full has not failed, whatever becomes of the rest of its request.
    private void Fail(Exception failure)
    {
        if (_isAnswered)
        {
            return;
        }

        _isAnswered = true;
        _failure = failure;
        if (_head.TrySetException(failure))
        {
            // Whoever only writes and reads hears of it there.
            _ = _head.Task.Exception;
        }

        var reader = _reader;
        _reader = null;
        reader?.TrySetException(failure);
    }

    private bool TryHandOver(byte[] piece)
    {
        var reader = _reader;
        _reader = null;
        return reader is not null && reader.TrySetResult(piece);
    }

    /// <summary>Envoy's filter object, for a call into it.</summary>
    /// <exception cref="InvalidOperationException">The stream has ended, or this is not its worker.</exception>
    private nint Begin()
    {
        nint filter = link.Pointer;
        return _failure is null ? filter : throw _failure;
    }

    private void ThrowIfWritten()
    {
        if (_isWritten)
        {
            throw new InvalidOperationException("the request has ended: nothing can be written any more");
        }
    }
}
