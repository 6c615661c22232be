using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;

namespace Outrider.Net;

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
internal sealed unsafe class TlsLayer : LoopTimer
{
    // What a record carries at most is 16 KiB (RFC 8446 §5.1); SslStream cuts at a little less, so a full 16 KiB would become two.
    private const int RecordSize = 16_000;

    private const byte HandshakeRecord = 22;

    private readonly Connection _connection;
    private readonly ITlsAcceptor? _acceptor;
    private readonly SslClientAuthenticationOptions? _clientOptions;
    private TlsPipe? _pipe;
    private SslStream? _stream;
    private Task? _handshake;
    private ValueTask<int> _read;
    private Segment? _gathered;
    private byte[]? _kept;
    private int _keptStart;
    private int _keptEnd;
    private Phase _phase;
    private bool _isReading, _isResumed, _saidGoodbye;

    /// <summary>The server's side: the handshake begins with the first byte, and has to be over in time.</summary>
    internal TlsLayer(Connection connection, ITlsAcceptor acceptor)
    {
        _connection = connection;
        _acceptor = acceptor;
    }

    /// <summary>The client's side: <see cref="Connect"/> begins the handshake.</summary>
    internal TlsLayer(Connection connection, SslClientAuthenticationOptions options)
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

    /// <summary>Bytes of the codec's that are not encrypted yet.</summary>
    internal int GatheredLength => _gathered?.Length ?? 0;

    private EventLoop Loop => _connection.Loop;

    /// <summary>The server's side is accepted.</summary>
    internal void Accepted() => Loop.Arm(this, _acceptor!.HandshakeTimeout);

    /// <summary>The client's side is connected: sends the first message.</summary>
    internal void Connect()
    {
        Open();
        _handshake = _stream!.AuthenticateAsClientAsync(_clientOptions!);
        Run();
    }

    /// <summary>Ciphertext arrived. Returns how much of it was used; less than all only where reading has been paused.</summary>
    internal int Receive(ReadOnlySpan<byte> data)
    {
        if (_phase == Phase.Waiting)
        {
            if (_acceptor!.AcceptsPlainText && data[0] != HandshakeRecord)
            {
                Loop.Remove(this);
                return _connection.GoOnInPlainText(data);
            }

            Open();
            _handshake = _stream!.AuthenticateAsServerAsync(
                static (_, hello, layer, _) => new(((TlsLayer)layer!)._acceptor!.Select(hello.ServerName)), this, CancellationToken.None);
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
            _phase = Phase.InputEnded;
            _connection.EndOfDecrypted();
            return;
        }

        _pipe?.End();
        Run();
    }

    /// <summary>A place to write to: <see cref="Connection.GetSpan"/>.</summary>
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

        if (last && !_saidGoodbye && _phase is Phase.Open or Phase.InputEnded)
        {
            _saidGoodbye = true;
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
        _phase = Phase.Disposed;
        DropGathered();
        DropKept();
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
            _connection.OnTlsFailed(Failure);
        }
    }

    /// <summary>The handshake takes too long.</summary>
    protected internal override void OnTimer()
    {
        Failure = _phase == Phase.Waiting ? "nothing came before the handshake's time was over" : "the handshake's time is over";
        _phase = Phase.Failed;
        _connection.OnTlsFailed(Failure);
        _connection.Close();
    }

    private void Open()
    {
        _phase = Phase.Handshake;
        _pipe = new TlsPipe(this);
        _stream = new SslStream(_pipe, leaveInnerStreamOpen: true);
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
            else if (!_connection.WantsDecrypted)
            {
                IsStopped = true;
                return;
            }
            else if (_kept is not null)
            {
                DeliverKept();
            }
            else if (!Read())
            {
                return;
            }
        }
    }

    /// <summary>False: it needs more bytes.</summary>
    private bool FinishHandshake()
    {
        while (!_handshake!.IsCompleted)
        {
            if (!_pipe!.Wake())
            {
                if (!_pipe.IsReading && !_handshake.IsCompleted)
                {
                    WaitElsewhere();
                }

                return false;
            }
        }

        Loop.Remove(this);
        if (!_handshake.IsCompletedSuccessfully)
        {
            Fail(_handshake.Exception!);
            return false;
        }

        _handshake = null;
        _phase = Phase.Open;
        Info = new TlsInfo(_stream!, _isResumed);
        _connection.HandshakeDone();
        return true;
    }

    // Nothing in a handshake waits for anything but bytes, as far as we know. Should the runtime change its mind, the
    // connection stands still until the handshake goes on.
    private void WaitElsewhere()
    {
        _connection.PauseReading();
        _ = _handshake!.ContinueWith(
            static (_, layer) => ((TlsLayer)layer!).Loop.Post(static state => ((TlsLayer)state!).GoOn(), layer),
            this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void GoOn()
    {
        if (_phase == Phase.Handshake)
        {
            IsStopped = true;
            _connection.ResumeReading();
        }
    }

    /// <summary>One piece from the stream to the codec. False: it needs more bytes.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "Kept while it waits, and its result taken once.")]
    private bool Read()
    {
        int count;
        try
        {
            if (!_isReading)
            {
                _read = _stream!.ReadAsync(Loop.DecryptBuffer.AsMemory(0, _connection.DecryptSize));
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
            count = _read.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            _isReading = false;
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
        int used = _connection.DeliverDecrypted(data);
        if (used < count && _connection.KeepsUnread)
        {
            _kept = ArrayPool<byte>.Shared.Rent(count - used);
            data[used..].CopyTo(_kept);
            _keptStart = 0;
            _keptEnd = count - used;
        }

        // What was written from these bytes goes out before more are decrypted: the writer may have to stop us.
        Loop.RunFlushes();
        return true;
    }

    private void DeliverKept()
    {
        _keptStart += _connection.DeliverDecrypted(_kept.AsSpan(_keptStart, _keptEnd - _keptStart));
        if (_keptStart >= _keptEnd)
        {
            DropKept();
        }
        else
        {
            _ = _connection.KeepsUnread;
        }

        Loop.RunFlushes();
    }

    private void DropKept()
    {
        if (_kept is not null)
        {
            ArrayPool<byte>.Shared.Return(_kept);
            _kept = null;
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
