using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Timers;

namespace Outrider.Net.Tls;

/// <summary>
/// TLS between a connection's socket and its codec: what the socket received goes in as ciphertext and comes out as what the
/// codec receives; what the codec writes is gathered, encrypted, and put into the connection's output queue. All on the
/// loop's thread and within the calls below: nothing waits, nothing hops.
/// </summary>
/// <remarks>
/// Bounds: of the input at most one piece of plaintext, what the stream holds of it (a record), and the ciphertext of one read
/// wait when the codec pauses. Of the output, what is gathered is less than a record; the rest is the connection's queue,
/// which the codec bounds. Before a handshake a layer is this object alone; an established connection at rest holds no buffer.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The connection disposes of it when it is closed, with the reason.")]
internal sealed unsafe partial class TlsLayer : LoopTimer
{
    private readonly ITlsCarrier _connection;
    private readonly ITlsAcceptor? _acceptor;
    private readonly SslClientAuthenticationOptions? _clientOptions;
    private TlsPipe? _pipe;
    private SslStream? _stream;
    private Phase _phase;

    /// <summary>The server's side: the handshake begins with the first byte, and has to be over in time.</summary>
    internal TlsLayer(ITlsCarrier connection, ITlsAcceptor acceptor)
    {
        _connection = connection;
        _acceptor = acceptor;
    }

    /// <summary>The client's side: <see cref="Connect"/> begins the handshake.</summary>
    internal TlsLayer(ITlsCarrier connection, SslClientAuthenticationOptions options)
    {
        _connection = connection;
        _clientOptions = options;
    }

    private enum Phase : byte
    {
        Waiting,
        Handshake,
        Open,
        InputEnded,
        Unused,
        Failed,
        Disposed,
    }

    /// <summary>What was agreed on; null until the handshake is over.</summary>
    internal TlsInfo? Info { get; private set; }

    /// <summary>Why TLS failed; null when it did not.</summary>
    internal string? Failure { get; private set; }

    /// <summary>Did the peer close the socket without saying that it had said all?</summary>
    internal bool IsTruncated { get; private set; }

    /// <summary>Is this the server's side?</summary>
    internal bool IsServer => _acceptor is not null;

    /// <summary>Has the handshake begun and not ended?</summary>
    internal bool IsHandshaking => _phase == Phase.Handshake;

    /// <summary>May there be decrypted input that no event will tell of?</summary>
    internal bool IsStopped { get; private set; }

    private EventLoop Loop => _connection.Loop;

    /// <summary>Ciphertext arrived. Returns how much of it was used; less than all only where reading has been paused.</summary>
    internal int Receive(ReadOnlySpan<byte> data)
    {
        if (_phase == Phase.Waiting)
        {
            if (_acceptor!.AcceptsPlainText && data[0] != HandshakeRecord)
            {
                Loop.Remove(this);
                _connection.GoOnInPlainText();
                return _connection.Handler.OnReceived(data);
            }

            if (data[0] is >= (byte)'A' and <= (byte)'Z')
            {
                // A letter begins no record of TLS, but a request.
                Loop.Remove(this);
                _phase = Phase.Failed;
                Failure = "plain text where TLS is spoken";
                _connection.Handler.OnTlsFailed(Failure);
                _connection.GoOnInPlainText();
                _connection.Handler.OnPlainTextRefused();
                _connection.CloseWhenWritten(drain: true);
                return data.Length;
            }

            Accept();
        }

        if (_phase > Phase.Open)
        {
            return data.Length;
        }

        fixed (byte* bytes = data)
        {
            _pipe!.Lend(bytes, data.Length);
            int left;
            try
            {
                Run();
            }
            finally
            {
                left = _pipe.TakeBack();
            }

            return _phase > Phase.Open ? data.Length : data.Length - left;
        }
    }

    /// <summary>The codec reads again: gives it what was held back.</summary>
    internal void Resume() => Run();

    /// <summary>The socket has ended.</summary>
    internal void EndOfInput()
    {
        if (_phase == Phase.Waiting)
        {
            // A health check that connects and closes: there is no stream, so neither is there anything to say goodbye to.
            _phase = Phase.Unused;
            _connection.EndOfDecrypted();
            return;
        }

        _pipe?.End();
        Run();
    }

    /// <summary>What the stream writes.</summary>
    internal void OnCiphertext(ReadOnlySpan<byte> data)
    {
        if (_phase == Phase.Handshake && IsServer)
        {
            _isResumed |= ServerFlight.IsResumption(data);
        }

        _connection.AppendCiphertext(data);
    }

    /// <summary>The connection is closed: frees everything. A handshake that was under way has failed.</summary>
    /// <param name="error">The errno that ended the connection, or 0.</param>
    internal void Dispose(int error)
    {
        Loop.Remove(this);
        bool wasHandshaking = _phase == Phase.Handshake;
        bool wasUnused = IsServer && _phase is Phase.Waiting or Phase.Unused;
        _phase = Phase.Disposed;
        DropGathered();
        _kept.Drop();
        if (_stream is not null)
        {
            // A read that waits ends first: the stream then gives its buffers back.
            _pipe!.End();
            _ = _pipe.Wake();
            if (_handshake is { IsCompleted: true })
            {
                _ = _handshake.Exception;
            }

            _stream.Dispose();
        }

        if (wasHandshaking && Failure is null)
        {
            Failure = error == 0 ? "closed in the middle of the handshake" : SocketErrors.Describe(error);
            _connection.Handler.OnTlsFailed(Failure);
        }
        else if (wasUnused)
        {
            _connection.Handler.OnTlsUnused();
        }
    }

    /// <summary>Goes as far as the bytes reach: through the handshake, and then piece by piece to the codec.</summary>
    private void Run()
    {
        IsStopped = false;
        while (!_connection.IsClosed)
        {
            if (_phase == Phase.Handshake)
            {
                if (!FinishHandshake())
                {
                    return;
                }
            }
            else if (_phase != Phase.Open)
            {
                return;
            }
            else if (_kept.IsEmpty && !_isReady && !Await())
            {
                return;
            }
            else if (!_connection.WantsDecrypted)
            {
                IsStopped = true;
                return;
            }
            else if (!_kept.IsEmpty)
            {
                DeliverKept();
            }
            else if (!Read())
            {
                return;
            }
        }
    }

    private void Fail(Exception e)
    {
        bool wasHandshaking = _phase == Phase.Handshake;
        if (_phase >= Phase.Failed)
        {
            return;
        }

        _phase = Phase.Failed;
        // The outer exceptions say which step failed, the innermost what OpenSSL had to say.
        Failure = wasHandshaking && _pipe!.HasEnded ? "closed in the middle of the handshake" : e.GetBaseException().Message.ReplaceLineEndings(" ");
        _connection.TlsFailed(Failure, wasHandshaking);
    }
}
