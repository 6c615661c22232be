using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;

namespace Outrider.Net.Tls;

/// <summary>
/// TLS between a connection's socket and its codec: what the socket received goes in as ciphertext and comes out as what the
/// codec receives; what the codec writes is gathered, sealed, and put into the connection's output queue. This class knows where the
/// connection stands and whom to tell; its parts do the rest: <see cref="TlsHandshake"/>, <see cref="RecordReader"/>, <see cref="RecordWriter"/>.
/// All on the loop's thread and within the calls below: nothing waits, nothing hops.
/// </summary>
/// <remarks>
/// Bounds: of the input at most one piece of plaintext, what the stream holds of it (a record), and the ciphertext of one read
/// wait when the codec pauses. Of the output, what is gathered is less than a record; the rest is the connection's queue,
/// which the codec bounds. Before the handshake a layer is this object and its handshake's, after it this one and its stream; an established connection at rest holds no buffer.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The connection disposes of it when it is closed, with the reason.")]
internal sealed unsafe class TlsLayer : ITlsHandshakeOwner
{
    // The type of the record that carries a ClientHello (RFC 8446 §5.1).
    private const byte HandshakeRecord = 22;

    private readonly ITlsCarrier _connection;
    private TlsHandshake? _handshake;
    private TlsPipe? _pipe;
    private SslStream? _stream;
    private RecordReader _reader;
    private RecordWriter _writer;
    private Phase _phase;

    /// <summary>The server's side: the handshake begins with the first byte, and has to be over in time.</summary>
    internal TlsLayer(ITlsCarrier connection, ITlsAcceptor acceptor)
    {
        _connection = connection;
        _handshake = new TlsHandshake(this, connection, acceptor);
        IsServer = true;
    }

    /// <summary>The client's side: <see cref="Connect"/> begins the handshake.</summary>
    internal TlsLayer(ITlsCarrier connection, SslClientAuthenticationOptions options)
    {
        _connection = connection;
        _handshake = new TlsHandshake(this, connection, options);
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
    internal bool IsServer { get; }

    /// <summary>Has the handshake begun and not ended?</summary>
    internal bool IsHandshaking => _phase == Phase.Handshake;

    /// <summary>May there be decrypted input that no event will tell of?</summary>
    internal bool IsStopped { get; private set; }

    /// <summary>Bytes of the codec's that are not sealed yet.</summary>
    internal int GatheredLength => _writer.Length;

    private EventLoop Loop => _connection.Loop;

    /// <summary>Who seals what the codec writes; null while nobody does.</summary>
    private SslStream? Sealer => _phase is Phase.Open or Phase.InputEnded ? _stream : null;

    /// <summary>The server's side is accepted.</summary>
    internal void Accepted() => _handshake!.Arm(Loop);

    /// <summary>The client's side is connected: sends the first message.</summary>
    internal void Connect()
    {
        Begin();
        Run();
    }

    /// <summary>Ciphertext arrived. Returns how much of it was used; less than all only where reading has been paused.</summary>
    internal int Receive(ReadOnlySpan<byte> data)
    {
        if (_phase == Phase.Waiting)
        {
            if (_handshake!.AcceptsPlainText && data[0] != HandshakeRecord)
            {
                EndHandshake();
                _connection.GoOnInPlainText();
                return _connection.Handler.OnReceived(data);
            }

            if (data[0] is >= (byte)'A' and <= (byte)'Z')
            {
                // A letter begins no record of TLS, but a request.
                EndHandshake();
                _phase = Phase.Failed;
                Failure = "plain text where TLS is spoken";
                _connection.Handler.OnTlsFailed(Failure);
                _connection.GoOnInPlainText();
                _connection.Handler.OnPlainTextRefused();
                _connection.CloseWhenWritten(drain: true);
                return data.Length;
            }

            Begin();
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

    /// <summary>A place to write to: as <c>Transport.GetSpan</c>.</summary>
    internal Span<byte> GetSpan(int size) => _writer.GetSpan(size, Loop, Sealer);

    internal void Advance(int count) => _writer.Advance(count);

    /// <summary>Takes plaintext: large pieces are sealed at once, small ones wait for more until the event at hand is done.</summary>
    internal void Write(ReadOnlySpan<byte> data) => _writer.Write(data, Loop, Sealer);

    /// <summary>The event at hand is done: seals what was gathered. With <paramref name="last"/> the peer is told that this was all.</summary>
    internal void Flush(bool last)
    {
        if (Sealer is not { } stream)
        {
            return;
        }

        _writer.SealGathered(Loop, stream);
        if (_writer.Error is { } error)
        {
            Fail(error);
        }
        else if (last)
        {
            _writer.SealEnd(stream);
        }
    }

    /// <summary>The codec's output is forgotten.</summary>
    internal void DropGathered() => _writer.Drop(Loop);

    /// <summary>The connection is closed: frees everything. A handshake that was under way has failed.</summary>
    /// <param name="error">The errno that ended the connection, or 0.</param>
    internal void Dispose(int error)
    {
        bool wasHandshaking = _phase == Phase.Handshake;
        bool wasUnused = IsServer && _phase is Phase.Waiting or Phase.Unused;
        _phase = Phase.Disposed;
        DropGathered();
        _reader.Drop();
        if (_stream is not null)
        {
            // A read that waits ends first: the stream then gives its buffers back.
            _pipe!.End();
            _ = _pipe.Wake();
            _stream.Dispose();
        }

        EndHandshake();
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

    void ITlsHandshakeOwner.OnHandshakeTimeout()
    {
        if (_connection.IsClosed)
        {
            return;
        }

        Failure = _phase == Phase.Waiting ? "nothing came before the handshake's time was over" : "the handshake's time is over";
        _phase = Phase.Failed;
        _connection.Handler.OnTlsFailed(Failure);
        _connection.Close();
    }

    private void Begin()
    {
        _phase = Phase.Handshake;
        (_stream, _pipe) = _handshake!.Begin();
    }

    private void EndHandshake()
    {
        if (_handshake is { } handshake)
        {
            _handshake = null;
            Loop.Remove(handshake);
            handshake.Forget();
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
            else if (!_reader.IsReadable && !_reader.Await(_stream!, _pipe!))
            {
                if (_reader.Error is { } error)
                {
                    Fail(error);
                }

                return;
            }
            else if (!_connection.WantsDecrypted)
            {
                IsStopped = true;
                return;
            }
            else if (!_reader.Deliver(_connection, _stream!))
            {
                EndInput();
                return;
            }
        }
    }

    /// <summary>Goes on with the handshake. False: it needs more bytes.</summary>
    private bool FinishHandshake()
    {
        var handshake = _handshake!;
        if (!handshake.Continue())
        {
            if (handshake.WaitsElsewhere)
            {
                WaitElsewhere();
            }

            return false;
        }

        EndHandshake();
        var info = handshake.Finish(out var error);
        if (info is null)
        {
            Fail(error!);
            return false;
        }

        _phase = Phase.Open;
        Info = info;
        if (IsServer)
        {
            _connection.Handler.OnSecured();
        }
        else
        {
            _connection.Handler.OnConnected();
        }

        return true;
    }

    // Nothing in a handshake waits for anything but bytes, as far as we know. Should the runtime change its mind, the
    // connection stands still until the handshake goes on.
    private void WaitElsewhere()
    {
        _connection.PauseReading();
        _handshake!.WhenOver(static layer => ((TlsLayer)layer).Loop.Post(static state => ((TlsLayer)state!).GoOn(), layer), this);
    }

    private void GoOn()
    {
        if (_phase == Phase.Handshake)
        {
            IsStopped = true;
            _connection.ResumeReading();
        }
    }

    private void EndInput()
    {
        if (_reader.Error is { } error)
        {
            Fail(error);
            return;
        }

        _phase = Phase.InputEnded;
        IsTruncated = _pipe!.HasEnded;
        _connection.EndOfDecrypted();
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
