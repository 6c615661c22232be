using Outrider.Net.Buffers;

namespace Outrider.Net.Tls;

/// <content>The way out: what the codec writes is gathered into records and encrypted.</content>
internal sealed unsafe partial class TlsLayer
{
    // What a record carries at most is 16 KiB (RFC 8446 §5.1); SslStream cuts at a little less, so a full 16 KiB would become two.
    private const int RecordSize = 16_000;

    private Segment? _gathered;
    private bool _closeNotifySent;

    /// <summary>Bytes of the codec's that are not encrypted yet.</summary>
    internal int GatheredLength => _gathered?.Length ?? 0;

    /// <summary>A place to write to: as <c>Transport.GetSpan</c>.</summary>
    internal Span<byte> GetSpan(int size)
    {
        if (_gathered is not null && _gathered.End + size > RecordSize)
        {
            Encrypt();
            // It is still there where TLS is not established, or has failed: nobody will ever see it.
            DropGathered();
        }

        _gathered ??= Loop.Segments.Rent();
        return _gathered.Bytes.AsSpan(_gathered.End);
    }

    internal void Advance(int count) => _gathered!.End += count;

    /// <summary>Takes plaintext: large pieces are encrypted at once, small ones wait for more until the event at hand is done.</summary>
    internal void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (data.Length >= RecordSize && GatheredLength == 0 && _phase == Phase.Open)
            {
                EncryptAtOnce(data[..RecordSize]);
                data = data[RecordSize..];
                continue;
            }

            _gathered ??= Loop.Segments.Rent();
            int count = Math.Min(data.Length, RecordSize - _gathered.End);
            if (count <= 0)
            {
                Encrypt();
                DropGathered();
                continue;
            }

            data[..count].CopyTo(_gathered.Bytes.AsSpan(_gathered.End));
            _gathered.End += count;
            data = data[count..];
        }
    }

    /// <summary>The event at hand is done: encrypts what was gathered. With <paramref name="last"/> the peer is told that this was all.</summary>
    internal void Flush(bool last)
    {
        if (GatheredLength > 0)
        {
            Encrypt();
        }

        if (last && !_closeNotifySent && _phase is Phase.Open or Phase.InputEnded)
        {
            _closeNotifySent = true;
            // close_notify goes into the queue within the call; that it could not be made is no news to a connection that ends.
            _ = _stream!.ShutdownAsync().Exception;
        }
    }

    /// <summary>The codec's output is forgotten.</summary>
    internal void DropGathered()
    {
        if (_gathered is not null)
        {
            Loop.Segments.Return(_gathered);
            _gathered = null;
        }
    }

    private void Encrypt()
    {
        var gathered = _gathered!;
        if (_phase is not (Phase.Open or Phase.InputEnded))
        {
            return;
        }

        _gathered = null;
        Encrypt(gathered.Bytes.AsMemory(gathered.Start, gathered.Length));
        Loop.Segments.Return(gathered);
    }

    private void EncryptAtOnce(ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            Encrypt(Loop.Borrowed.Lend(bytes, data.Length));
            Loop.Borrowed.TakeBack();
        }
    }

    private void Encrypt(ReadOnlyMemory<byte> data)
    {
        try
        {
            var write = _stream!.WriteAsync(data);
            if (!write.IsCompleted)
            {
                throw new InvalidOperationException("TLS did not take what was written at once");
            }

            write.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }
}
