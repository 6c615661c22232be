using System.Threading.Tasks.Sources;

namespace Outrider.Net.Tls;

/// <summary>
/// The encrypted side of an <see cref="System.Net.Security.SslStream"/>: it reads what a <see cref="TlsLayer"/> lends and
/// writes to its sink. A read that finds nothing waits until <see cref="Wake"/>, so whatever the stream
/// does then happens within that call, on the loop's thread. Writes never wait.
/// </summary>
/// <remarks>Ownership: the lent bytes are the loop's receive buffer; they are looked at only between <see cref="Lend"/> and <see cref="TakeBack"/>.</remarks>
internal sealed unsafe class TlsPipe : Stream, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _waiting;
    private Memory<byte> _destination;
    private byte* _bytes;
    private int _count;

    /// <summary>Who gets what is written.</summary>
    internal required ICiphertextSink Sink { get; set; }

    /// <summary>Does a read wait for bytes?</summary>
    internal bool IsReading { get; private set; }

    /// <summary>Will nothing more come?</summary>
    internal bool HasEnded { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Here is ciphertext, until <see cref="TakeBack"/>.</summary>
    internal void Lend(byte* bytes, int count)
    {
        _bytes = bytes;
        _count = count;
    }

    /// <summary>The lent bytes go away; returns how many of them were not read.</summary>
    internal int TakeBack()
    {
        int left = _count;
        _bytes = null;
        _count = 0;
        return left;
    }

    /// <summary>Reads behind the bytes that are there find the end.</summary>
    internal void End() => HasEnded = true;

    /// <summary>Completes a read that waits, if there is something for it. False: there was nothing to do.</summary>
    internal bool Wake()
    {
        if (!IsReading || (_count == 0 && !HasEnded))
        {
            return false;
        }

        IsReading = false;
        int read = Copy(_destination.Span);
        _destination = default;

        // The handshake's tasks go on inline only where no context of ours could want them elsewhere; without this they would
        // hop to the thread pool.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            _waiting.SetResult(read);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }

        return true;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_count > 0 || HasEnded)
        {
            return new ValueTask<int>(Copy(buffer.Span));
        }

        _waiting.Reset();
        _destination = buffer;
        IsReading = true;
        return new ValueTask<int>(this, _waiting.Version);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(ReadOnlySpan<byte> buffer) => Sink.AppendCiphertext(buffer);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _waiting.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _waiting.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _waiting.OnCompleted(continuation, state, token, flags);

    private int Copy(Span<byte> destination)
    {
        int count = Math.Min(_count, destination.Length);
        new ReadOnlySpan<byte>(_bytes, count).CopyTo(destination);
        _bytes += count;
        _count -= count;
        return count;
    }
}
