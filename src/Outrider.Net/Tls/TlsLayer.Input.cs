using System.Diagnostics.CodeAnalysis;
using Outrider.Net.Buffers;
using Outrider.Net.Loops;

namespace Outrider.Net.Tls;

/// <content>The way in, once the handshake is over: piece by piece from the stream to the codec.</content>
internal sealed partial class TlsLayer
{
    private ValueTask<int> _read;
    private UnreadBytes _kept;
    private bool _isReading, _isReady;

    /// <summary>
    /// Waits for the stream to have something to read, by a read of no bytes; also while the codec pauses, for then nothing has to
    /// be begun anew when it goes on. False: it needs more bytes.
    /// </summary>
    /// <remarks>
    /// SslStream keeps one or two of the objects that a waiting read needs for the next one. Reads that always wait, rather than end
    /// and begin with each request, are what keeps many connections from allocating.
    /// </remarks>
    [SuppressMessage("Reliability", "CA2012", Justification = "Kept while it waits, and its result taken once.")]
    private bool Await()
    {
        try
        {
            if (!_isReading)
            {
                _read = _stream!.ReadAsync(Memory<byte>.Empty);
                _isReading = true;
            }

            while (!_read.IsCompleted)
            {
                if (!_pipe!.Wake())
                {
                    return false;
                }
            }

            _isReading = false;
            _ = _read.GetAwaiter().GetResult();
            _isReady = true;
            return true;
        }
        catch (Exception e)
        {
            _isReading = false;
            Fail(e);
            return false;
        }
    }

    /// <summary>One piece from the stream, which has it ready, to the codec. False: there is no more.</summary>
    private bool Read()
    {
        int count;
        try
        {
            var read = _stream!.ReadAsync(Loop.DecryptBuffer.AsMemory(0, Math.Min(_connection.Handler.ReadSize, EventLoop.ReceiveBufferSize)));
            if (!read.IsCompleted)
            {
                throw new InvalidOperationException("TLS did not give what it had at once");
            }

            count = read.GetAwaiter().GetResult();
            _isReady = false;
        }
        catch (Exception e)
        {
            Fail(e);
            return false;
        }

        if (count == 0)
        {
            _phase = Phase.InputEnded;
            IsTruncated = _pipe!.HasEnded;
            _connection.EndOfDecrypted();
            return false;
        }

        var data = Loop.DecryptBuffer.AsSpan(0, count);
        int used = _connection.Handler.OnReceived(data);
        if (used < count && _connection.KeepsUnread(count - used))
        {
            _kept.Keep(data[used..]);
        }

        // What was written from these bytes goes out before more are decrypted: the writer may have to stop us.
        Loop.RunFlushes();
        return true;
    }

    private void DeliverKept()
    {
        _kept.Advance(_connection.Handler.OnReceived(_kept.Span));
        if (!_kept.IsEmpty)
        {
            _ = _connection.KeepsUnread(_kept.Length);
        }

        Loop.RunFlushes();
    }
}
