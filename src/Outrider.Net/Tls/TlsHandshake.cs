using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using Outrider.Net.Loops;
using Outrider.Net.Timers;

namespace Outrider.Net.Tls;

/// <summary>
/// The handshake of one connection, from the wait for its first byte to its end, after which nothing holds this object. The client's begins when it is
/// connected, the server's with the first byte, and that one has a deadline. It goes on within <see cref="Continue"/>, as far as the bytes reach that the
/// pipe is lent. Only the loop's thread touches it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The stream is its owner's, who has it from Begin.")]
internal sealed class TlsHandshake : LoopTimer, ICiphertextSink
{
    private readonly ITlsHandshakeOwner _owner;
    private readonly ICiphertextSink _sink;
    private readonly ITlsAcceptor? _acceptor;
    private readonly SslClientAuthenticationOptions? _clientOptions;
    private TlsPipe? _pipe;
    private SslStream? _stream;
    private Task? _task;
    private bool _isResumed;

    /// <summary>The server's side.</summary>
    /// <param name="owner">Who waits for it.</param>
    /// <param name="sink">Where the messages for the peer go, and later the stream's records.</param>
    /// <param name="acceptor">What is shown to whom.</param>
    internal TlsHandshake(ITlsHandshakeOwner owner, ICiphertextSink sink, ITlsAcceptor acceptor)
    {
        _owner = owner;
        _sink = sink;
        _acceptor = acceptor;
    }

    /// <summary>The client's side.</summary>
    internal TlsHandshake(ITlsHandshakeOwner owner, ICiphertextSink sink, SslClientAuthenticationOptions options)
    {
        _owner = owner;
        _sink = sink;
        _clientOptions = options;
    }

    /// <summary>May the peer speak plain text instead? The first byte tells.</summary>
    internal bool AcceptsPlainText => _acceptor is { AcceptsPlainText: true };

    /// <summary>Does it wait for something that is not bytes? Nothing in it does, as far as we know.</summary>
    internal bool WaitsElsewhere => _task is { IsCompleted: false } && !_pipe!.IsReading;

    /// <summary>The server's side is accepted: its time begins.</summary>
    internal void Arm(EventLoop loop) => loop.Arm(this, _acceptor!.HandshakeTimeout);

    /// <summary>
    /// Begins. The client's first message goes to the sink at once; the server's side waits for it, and asks the acceptor for what to show
    /// when the client has said which name it wants.
    /// </summary>
    /// <returns>The stream, and its encrypted side.</returns>
    internal (SslStream Stream, TlsPipe Pipe) Begin()
    {
        _pipe = new TlsPipe { Sink = this };
        _stream = new SslStream(_pipe, leaveInnerStreamOpen: true);
        _task = _acceptor is null
            ? _stream.AuthenticateAsClientAsync(_clientOptions!)
            : _stream.AuthenticateAsServerAsync(
                static (_, hello, acceptor, _) => new(((ITlsAcceptor)acceptor!).Select(hello.ServerName)), _acceptor, CancellationToken.None);
        return (_stream, _pipe);
    }

    /// <summary>Goes on. False: it needs more bytes, or <see cref="WaitsElsewhere"/>.</summary>
    internal bool Continue()
    {
        while (!_task!.IsCompleted)
        {
            if (!_pipe!.Wake())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Calls back when a handshake that <see cref="WaitsElsewhere"/> is over, on whatever thread that is.</summary>
    internal void WhenOver(Action<object> callback, object state) => _ = _task!.ContinueWith(
        (_, state) => callback(state!), state, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    /// <summary>It is over, as <see cref="Continue"/> said: what was agreed on, or null and why it failed. What the stream writes goes past this object from here on.</summary>
    internal TlsInfo? Finish(out Exception? error)
    {
        _pipe!.Sink = _sink;
        error = _task!.IsCompletedSuccessfully ? null : _task.Exception?.InnerException ?? new OperationCanceledException();
        return error is null ? new TlsInfo(_stream!, _isResumed) : null;
    }

    /// <summary>The connection has ended, and with it the pipe: how the handshake ended is of interest to nobody any more.</summary>
    internal void Forget()
    {
        if (_task is { IsCompleted: true })
        {
            _ = _task.Exception;
        }
    }

    /// <inheritdoc/>
    protected internal override void OnTimer() => _owner.OnHandshakeTimeout();

    void ICiphertextSink.AppendCiphertext(ReadOnlySpan<byte> data)
    {
        if (_acceptor is not null)
        {
            _isResumed |= ServerFlight.IsResumption(data);
        }

        _sink.AppendCiphertext(data);
    }
}
