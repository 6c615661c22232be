using System.Net.Sockets;

namespace Outrider.Tests.Tls;

/// <summary>A client's socket that lets so many bytes out and then breaks, or lets them out one by one, or changes one of them.</summary>
internal sealed class CutStream(Socket socket) : Stream
{
    private readonly NetworkStream _inner = new(socket, ownsSocket: true);
    private int _sent;

    /// <summary>Bytes that go out before the connection ends.</summary>
    internal int CutAt { get; init; } = int.MaxValue;

    /// <summary>Does it end with a reset?</summary>
    internal bool Resets { get; init; }

    /// <summary>The byte that is changed; −1 for none.</summary>
    internal int FlippedAt { get; init; } = -1;

    /// <summary>Does each byte go out by itself?</summary>
    internal bool Drips { get; init; }

    /// <summary>Bytes that went out.</summary>
    internal int Sent => _sent;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        byte[] bytes = buffer.ToArray();
        if (FlippedAt >= _sent && FlippedAt < _sent + bytes.Length)
        {
            bytes[FlippedAt - _sent] ^= 0xFF;
        }

        int count = Math.Min(bytes.Length, CutAt - _sent);
        if (Drips)
        {
            for (int i = 0; i < count; i++)
            {
                await _inner.WriteAsync(bytes.AsMemory(i, 1), cancellationToken);
                await Task.Yield();
            }
        }
        else
        {
            await _inner.WriteAsync(bytes.AsMemory(0, count), cancellationToken);
        }

        _sent += count;
        if (_sent >= CutAt)
        {
            if (Resets)
            {
                socket.LingerState = new LingerOption(true, 0);
            }

            socket.Close();
            throw new IOException("cut");
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _inner.ReadAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => _inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
