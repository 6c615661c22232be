using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using Outrider.Net.Buffers;
using Outrider.Net.Loops;

namespace Outrider.Net.Tls;

/// <summary>
/// Opens what the peer has sealed, and gives it to the connection's handler piece by piece, within the calls that bring its bytes. A field of its
/// connection, which names the stream in each call; never copied. Only the loop's thread touches it.
/// </summary>
internal struct RecordReader
{
    private ValueTask<int> _read;
    private UnreadBytes _kept;
    private bool _isReading, _isReadable;

    /// <summary>Is there plaintext, or the end of it, for <see cref="Deliver"/>?</summary>
    internal readonly bool IsReadable => _isReadable || !_kept.IsEmpty;

    /// <summary>Why nothing more can be read: what the peer sent is not TLS, or an alert. Null while all is well.</summary>
    internal Exception? Error { get; private set; }

    /// <summary>
    /// Waits for the stream to have something to read, by a read of no bytes; also while the handler pauses, for then nothing has to
    /// be begun anew when it goes on. False: it needs more bytes, or there is an <see cref="Error"/>.
    /// </summary>
    /// <remarks>
    /// SslStream keeps one or two of the objects that a waiting read needs for the next one. Reads that always wait, rather than end
    /// and begin with each request, are what keeps many connections from allocating.
    /// </remarks>
    [SuppressMessage("Reliability", "CA2012", Justification = "Kept while it waits, and its result taken once.")]
    internal bool Await(SslStream stream, TlsPipe pipe)
    {
        try
        {
            if (!_isReading)
            {
                _read = stream.ReadAsync(Memory<byte>.Empty);
                _isReading = true;
            }

            while (!_read.IsCompleted)
            {
                if (!pipe.Wake())
                {
                    return false;
                }
            }

            _isReading = false;
            _ = _read.GetAwaiter().GetResult();
            _isReadable = true;
            return true;
        }
        catch (Exception e)
        {
            _isReading = false;
            Error = e;
            return false;
        }
    }

    /// <summary>
    /// Gives the handler one piece, which is there (<see cref="IsReadable"/>): what it left before, or what is opened, up to its read size. False: the
    /// peer has said its last, or there is an <see cref="Error"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The handler left bytes without having paused; or whatever it throws.</exception>
    internal bool Deliver(ITlsCarrier connection, SslStream stream)
    {
        if (!_kept.IsEmpty)
        {
            int used = connection.Handler.OnReceived(_kept.Span);
            // Empty: it has closed the connection, and nothing is left of what was kept.
            if (!_kept.IsEmpty)
            {
                _kept.Advance(used);
                if (!_kept.IsEmpty)
                {
                    _ = connection.KeepsUnread(_kept.Length);
                }
            }
        }
        else
        {
            byte[] buffer = connection.Loop.DecryptBuffer;
            int count = Read(stream, buffer.AsMemory(0, Math.Min(connection.Handler.ReadSize, EventLoop.ReceiveBufferSize)));
            if (count == 0)
            {
                return false;
            }

            var data = buffer.AsSpan(0, count);
            int used = connection.Handler.OnReceived(data);
            if (used < count && connection.KeepsUnread(count - used))
            {
                _kept.Keep(data[used..]);
            }
        }

        // What was written from these bytes goes out before more are decrypted: the writer may have to stop us.
        connection.Loop.RunFlushes();
        return true;
    }

    /// <summary>Forgets what the handler has left.</summary>
    internal void Drop() => _kept.Drop();

    private int Read(SslStream stream, Memory<byte> destination)
    {
        try
        {
            var read = stream.ReadAsync(destination);
            if (!read.IsCompleted)
            {
                throw new InvalidOperationException("TLS did not give what it had at once");
            }

            int count = read.GetAwaiter().GetResult();
            _isReadable = false;
            return count;
        }
        catch (Exception e)
        {
            Error = e;
            return 0;
        }
    }
}
