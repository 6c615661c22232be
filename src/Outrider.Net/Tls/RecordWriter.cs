using System.Net.Security;
using Outrider.Net.Buffers;
using Outrider.Net.Loops;

namespace Outrider.Net.Tls;

/// <summary>
/// Gathers what is written in plain text, and seals it record by record. What is gathered is less than a record, in a segment of the loop that is held only
/// while there is something; what fills a record goes by it. A field of its connection, which names the stream in each call; never copied. Only
/// the loop's thread touches it.
/// </summary>
internal unsafe struct RecordWriter
{
    /// <summary>Bytes to a record. It carries 16 KiB at most (RFC 8446 §5.1); SslStream cuts at a little less, so a full 16 KiB would become two.</summary>
    internal const int RecordSize = 16_000;

    private Segment? _gathered;
    private bool _closeNotifySent;

    /// <summary>Bytes that are gathered and not sealed yet.</summary>
    internal readonly int Length => _gathered?.Length ?? 0;

    /// <summary>Why something could not be sealed; null when everything was. What is written from then on is forgotten.</summary>
    internal Exception? Error { get; private set; }

    /// <summary>A place to write to, at least <paramref name="size"/> bytes. <see cref="Advance"/> says how much was used.</summary>
    /// <param name="size">How many, up to 4 KiB; what is gathered is sealed before where there is no room behind it.</param>
    /// <param name="loop">The connection's.</param>
    /// <param name="stream">Who seals; null while nobody does, and then what is full is forgotten.</param>
    internal Span<byte> GetSpan(int size, EventLoop loop, SslStream? stream)
    {
        if (_gathered is not null && _gathered.End + size > RecordSize)
        {
            MakeRoom(loop, stream);
        }

        _gathered ??= loop.Segments.Rent();
        return _gathered.Bytes.AsSpan(_gathered.End);
    }

    internal readonly void Advance(int count) => _gathered!.End += count;

    /// <summary>Takes plaintext: full records are sealed at once, the rest waits for more, or for <see cref="SealGathered"/>.</summary>
    internal void Write(ReadOnlySpan<byte> data, EventLoop loop, SslStream? stream)
    {
        while (!data.IsEmpty)
        {
            if (data.Length >= RecordSize && Length == 0 && stream is not null)
            {
                SealAtOnce(data[..RecordSize], loop, stream);
                data = data[RecordSize..];
                continue;
            }

            _gathered ??= loop.Segments.Rent();
            int count = Math.Min(data.Length, RecordSize - _gathered.End);
            if (count <= 0)
            {
                MakeRoom(loop, stream);
                continue;
            }

            data[..count].CopyTo(_gathered.Bytes.AsSpan(_gathered.End));
            _gathered.End += count;
            data = data[count..];
        }
    }

    /// <summary>Seals what is gathered, if anything is.</summary>
    internal void SealGathered(EventLoop loop, SslStream stream)
    {
        if (_gathered is { Length: > 0 } gathered)
        {
            _gathered = null;
            Seal(gathered.Bytes.AsMemory(gathered.Start, gathered.Length), stream);
            loop.Segments.Return(gathered);
        }
    }

    /// <summary>Tells the peer, once, that this was all (<c>close_notify</c>, RFC 8446 §6.1).</summary>
    internal void SealEnd(SslStream stream)
    {
        if (!_closeNotifySent)
        {
            _closeNotifySent = true;
            // It goes into the queue within the call; that it could not be made is no news to a connection that ends.
            _ = stream.ShutdownAsync().Exception;
        }
    }

    /// <summary>Forgets what is gathered.</summary>
    internal void Drop(EventLoop loop)
    {
        if (_gathered is not null)
        {
            loop.Segments.Return(_gathered);
            _gathered = null;
        }
    }

    // Where nobody seals, TLS is not established yet, or has failed: nobody will ever see it.
    private void MakeRoom(EventLoop loop, SslStream? stream)
    {
        if (stream is not null)
        {
            SealGathered(loop, stream);
        }
        else
        {
            Drop(loop);
        }
    }

    private void SealAtOnce(ReadOnlySpan<byte> data, EventLoop loop, SslStream stream)
    {
        fixed (byte* bytes = data)
        {
            Seal(loop.Borrowed.Lend(bytes, data.Length), stream);
            loop.Borrowed.TakeBack();
        }
    }

    private void Seal(ReadOnlyMemory<byte> data, SslStream stream)
    {
        if (Error is not null)
        {
            return;
        }

        try
        {
            var write = stream.WriteAsync(data);
            if (!write.IsCompleted)
            {
                throw new InvalidOperationException("TLS did not take what was written at once");
            }

            write.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Error = e;
        }
    }
}
