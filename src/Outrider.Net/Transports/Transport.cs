using System.Net;
using System.Net.Security;
using Outrider.Net.Addresses;
using Outrider.Net.Interop;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Tls;

namespace Outrider.Net.Transports;

/// <summary>
/// One connection on one loop: its socket, its TLS, what waits to be sent and what was received and left. It has one
/// <see cref="StreamSocket.Handler"/>, which can be replaced while the connection lives. Everything happens on the loop's thread.
/// </summary>
/// <remarks>
/// A transport at rest holds no buffer. Input is received into the loop's buffer and lent to the handler; output that the kernel
/// does not take at once waits in segments borrowed from the loop. How much that is, is bounded by whoever writes: it stops
/// its source in <see cref="TransportHandler.OnWriteBlocked"/> and goes on in <see cref="TransportHandler.OnWritten"/>.
/// </remarks>
public sealed unsafe class Transport : StreamSocket, ITlsCarrier
{
    // Reads in a row from one connection before others get their turn: 1 MiB.
    private const int MaxReadsInARow = 16;

    // From here on, handing the bytes to the kernel at once beats copying them next to what waits (measured: 64 KiB bodies).
    private const int LargeWrite = 8 * 1024;

    private TlsLayer? _tls;

    /// <summary>Made on the loop that will serve it; <see cref="Connect"/> or a listener gives it a socket.</summary>
    public Transport(EventLoop loop, TransportHandler handler) : base(loop, handler)
    {
    }

    /// <summary>A connection that a listener accepted; the listener's owner sets its handler before anything is read.</summary>
    internal Transport(EventLoop loop, int descriptor, PeerAddress remote) : base(loop, descriptor, remote)
    {
    }

    /// <summary>Bytes written but not yet taken by the kernel.</summary>
    public int PendingOutput => (_tls?.GatheredLength ?? 0) + _output.Length + (Stage?.PendingOutput ?? 0);

    /// <summary>Bytes that were received and that the handler has left for later.</summary>
    public int PendingInput => _input.KeptLength;

    /// <summary>Does input wait that the handler left, or that was not read because reading is paused?</summary>
    public bool HasUnread => _input.HasSomething || Stage is { HasInput: true } || _tls is { IsStopped: true };

    /// <summary>What TLS has agreed on; null for plain text, and until the handshake is over.</summary>
    public TlsInfo? Tls => _tls?.Info;

    /// <summary>Why TLS failed, in words; null when it did not.</summary>
    public string? TlsFailure => _tls?.Failure;

    /// <summary>Did TLS input end without the peer saying so? Then what ends with the input may be cut off (RFC 9112 §9.8).</summary>
    public bool IsInputTruncated => _tls is { IsTruncated: true };

    // And what stands before it.
    TransportHandler ITlsCarrier.Handler => _handler;

    bool ITlsCarrier.WantsDecrypted => !IsClosed && !IsClosing && (!_input.IsPaused || _input.HasEnded);

    private bool MayRead => !_input.IsPaused && !IsClosed;

    /// <summary>Starts to connect; <see cref="TransportHandler.OnConnected"/> or <see cref="TransportHandler.OnClosed"/> follows, never from within this call.</summary>
    /// <param name="endPoint">Where to: an IP address and port, or a Unix domain socket.</param>
    /// <param name="tls">How TLS is spoken, whose handshake is then part of connecting; null for plain text.</param>
    /// <param name="timeout">
    /// Milliseconds until <see cref="TransportHandler.OnTimer"/>, unless it is connected by then and the handler has set the timer otherwise. They
    /// begin when there is a descriptor for the connection; it waits for one for as long at most.
    /// </param>
    public void Connect(EndPoint endPoint, SslClientAuthenticationOptions? tls, long timeout)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        _tls = tls is null ? null : new TlsLayer(this, tls);
        Open(endPoint, timeout);
    }

    /// <summary>
    /// The peer will speak TLS, from the next byte that is received on. Once, before the handler has received anything: its bytes
    /// may have been peeked at.
    /// </summary>
    public void AcceptTls(ITlsAcceptor acceptor)
    {
        _tls = new TlsLayer(this, acceptor);
        _tls.Accepted();
    }

    /// <summary>Goes on reading, when the event at hand is done.</summary>
    public void ResumeReading()
    {
        if (_input.Resume())
        {
            QueueReadIfAny();
        }
    }

    /// <summary>For the stage before the handler: nothing is received, whatever the handler asks for, until it is called with false.</summary>
    public void HoldReading(bool on)
    {
        if (_input.Hold(on))
        {
            QueueReadIfAny();
        }
    }

    /// <summary>
    /// From now on what arrives is shown in <see cref="TransportHandler.OnPeeked"/> and left where it is; with false it is received, from
    /// the first byte that was shown on. Not once TLS has begun.
    /// </summary>
    public void PeekInput(bool on)
    {
        _input.Peek(on);
        if (!on)
        {
            _input.MakeReady();
            QueueRead();
        }
    }

    /// <summary>Takes that many bytes, which were peeked at, out of the connection.</summary>
    public void SkipPeeked(int count)
    {
        nint taken = 1;
        for (; count > 0 && taken > 0; count -= (int)taken)
        {
            taken = LibC.recv(Descriptor, Loop.ReceiveBuffer, Math.Min(count, EventLoop.ReceiveBufferSize), 0);
        }
    }

    /// <summary>
    /// Looks whether the peer is still there and silent, with a system call: false when it closed, reset, or sent something.
    /// For a connection from a pool before a request that must not be lost.
    /// </summary>
    public bool IsQuiet()
    {
        if (!IsOpen || _input.IsPeerShutdown || _input.IsReady || _tls is { IsHandshaking: true } or { IsStopped: true })
        {
            return false;
        }

        byte one;
        return LibC.recv(Descriptor, &one, 1, Constants.MSG_PEEK | Constants.MSG_DONTWAIT) < 0 && LibC.Error == Constants.EAGAIN;
    }

    /// <summary>
    /// Writes. Small pieces written during one event leave together in one system call at its end; a large one leaves at
    /// once with what is before it. What the kernel does not take is copied and waits. After <see cref="StreamSocket.Close"/> or a
    /// failure it does nothing.
    /// </summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if (IsClosed || IsClosing || _output.IsClosed || data.IsEmpty)
        {
            return;
        }

        if (Stage is { } stage)
        {
            stage.Write(data);
            QueueFlush();
        }
        else
        {
            WriteThrough(data);
        }
    }

    /// <summary>For the stage before the handler: as <see cref="Write"/>, for what has passed it; also when the handler has written its last.</summary>
    public void WriteThrough(ReadOnlySpan<byte> data)
    {
        if (IsClosed || _output.IsOver)
        {
            return;
        }

        if (data.IsEmpty)
        {
            // Only what waits for this stage goes on: an end, or a close.
        }
        else if (_tls is not null)
        {
            _tls.Write(data);
            if (data.Length >= LargeWrite && MaySend && !_output.IsEmpty)
            {
                // As for plain text: what is large leaves at once, with what is before it.
                SendQueue();
            }
        }
        else
        {
            if (data.Length >= LargeWrite && MaySend)
            {
                Send(ref data);
            }

            _output.Append(data, Loop.Segments);
        }

        QueueFlush();
    }

    /// <summary>
    /// Hands what waits to the kernel now, and not only when the event at hand is done: for whoever would otherwise gather without
    /// bound during one event. Afterwards <see cref="StreamSocket.IsWriteBlocked"/> says whether it was taken.
    /// </summary>
    public void SendNow()
    {
        Stage?.Flush(last: false);
        _tls?.Flush(last: false);
        if (MaySend && !_output.IsEmpty)
        {
            SendQueue();
        }
    }

    /// <summary>A piece of the output queue to write into: at least <paramref name="size"/> bytes (up to 4 KiB). Follow with <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int size) => Stage is { } stage ? stage.GetSpan(size) : _tls is null ? _output.GetSpan(size, Loop.Segments) : _tls.GetSpan(size);

    /// <summary>Says how much of <see cref="GetSpan"/> was used.</summary>
    public void Advance(int count)
    {
        if (IsClosed || IsClosing || _output.IsClosed)
        {
            // What was filled in is forgotten by not counting it; what was written before still goes out.
            if (IsClosed || _output.IsOver)
            {
                DropOutput();
            }

            return;
        }

        if (Stage is { } stage)
        {
            stage.Advance(count);
        }
        else if (_tls is null)
        {
            _output.Advance(count);
        }
        else
        {
            _tls.Advance(count);
        }

        QueueFlush();
    }

    /// <summary>The listener that accepted it has set the handler: events begin.</summary>
    internal void Begin()
    {
        int error = Loop.Poller.Add(this, Constants.EPOLLIN | Constants.EPOLLRDHUP | Constants.EPOLLET);
        TellConnected();
        if (error != 0)
        {
            Fail(error);
        }
    }

    /// <summary>Its turn, when there may be input that no event will tell of again.</summary>
    internal override void RunReady()
    {
        _input.TakeTurn();
        if (Stage is { HasInput: true } stage && !IsClosed && (!_input.IsPaused || _input.HasEnded))
        {
            stage.GoOn();
            Loop.RunFlushes();
        }

        if (_tls is { IsStopped: true } && MayRead)
        {
            _tls.Resume();
            Loop.RunFlushes();
        }

        if (_input.HasKept && MayRead)
        {
            DeliverKept();
            Loop.RunFlushes();
        }

        if (MayRead && _input.IsReady)
        {
            ReceiveInOrder();
        }
    }

    /// <inheritdoc/>
    protected internal override void OnTimer()
    {
        if (IsClosing)
        {
            Close();
        }
        else
        {
            _handler.OnTimer();
        }
    }

    void ITlsCarrier.GoOnInPlainText() => _tls = null;

    void ITlsCarrier.EndOfDecrypted()
    {
        _input.End();
        _handler.OnEndOfInput();
    }

    void ITlsCarrier.AppendCiphertext(ReadOnlySpan<byte> data)
    {
        if (!IsClosed && !_output.IsOver)
        {
            _output.Append(data, Loop.Segments);
            QueueFlush();
        }
    }

    void ITlsCarrier.TlsFailed(string reason, bool inHandshake)
    {
        _handler.OnTlsFailed(reason);
        if (!inHandshake)
        {
            Fail(Constants.EPROTO);
            return;
        }

        // The peer gets the alert that says why.
        CloseWhenWritten(drain: _tls!.IsServer, Constants.EPROTO);
    }

    /// <summary>Is what the handler left to be given to it again? Not when the connection ends.</summary>
    /// <exception cref="InvalidOperationException">It left bytes without having paused.</exception>
    bool ITlsCarrier.KeepsUnread(int count) => KeepsUnread(count);

    private bool KeepsUnread(int count)
        => !IsClosed && !IsClosing && (_input.IsPaused ? true : throw new InvalidOperationException($"{_handler.GetType().Name} left {count} bytes without pausing"));

    private protected override void OnInput(uint events)
    {
        if (_input.HasEnded)
        {
            // Nothing is left to read, so this is the other half: a reset, or the end of both directions.
            if ((events & (Constants.EPOLLERR | Constants.EPOLLHUP)) != 0)
            {
                Fail(SocketCalls.TakeError(Descriptor));
            }

            return;
        }

        _input.Arrived(events);
        if (!_input.IsPaused)
        {
            ReceiveInOrder();
        }
        else if ((events & Constants.EPOLLERR) != 0)
        {
            _handler.OnPeerReset();
        }
        else if (_input.IsPeerShutdown)
        {
            _handler.OnPeerShutdown();
        }
    }

    // What a handler left comes before anything newer: resumed a moment ago, it may still wait for its turn in RunReady.
    private void ReceiveInOrder()
    {
        if (_input.HasKept)
        {
            QueueRead();
        }
        else
        {
            Receive();
        }
    }

    private void Receive()
    {
        byte* buffer = Loop.ReceiveBuffer;
        for (int i = 0; i < MaxReadsInARow; i++)
        {
            int size = _input.IsPeeking ? EventLoop.ReceiveBufferSize : Math.Min(_handler.ReadSize, EventLoop.ReceiveBufferSize);
            nint count = _input.Receive(Descriptor, buffer, size);
            if (count <= 0)
            {
                EndOfReceive(count);
                return;
            }

            if (_input.IsPeeking)
            {
                _input.Emptied();
                _handler.OnPeeked(new ReadOnlySpan<byte>(buffer, (int)count), _input.IsPeerShutdown);
                return;
            }

            if (!_input.IsDiscarding)
            {
                var data = new ReadOnlySpan<byte>(buffer, (int)count);
                int used = _tls is null ? _handler.OnReceived(data) : _tls.Receive(data);
                if (used < data.Length && KeepsUnread(data.Length - used))
                {
                    _input.Keep(data[used..]);
                }
            }

            if (!_input.IsReady || !MayRead)
            {
                return;
            }

            // What was written from these bytes goes out before more are read: the writer may have to stop us.
            Loop.RunFlushes();
            if (!MayRead)
            {
                return;
            }
        }

        QueueRead();
    }

    private void DeliverKept()
    {
        while (_input.HasKept && !_input.IsPaused && !IsClosed && !IsClosing)
        {
            int used = _tls is null ? _handler.OnReceived(_input.Kept) : _tls.Receive(_input.Kept);
            if (!_input.HasKept)
            {
                return;
            }

            _input.UseKept(used);
            if (_input.HasKept)
            {
                _ = KeepsUnread(_input.KeptLength);
            }
        }
    }

    private void EndOfReceive(nint count)
    {
        int error = count == 0 ? 0 : LibC.Error;
        if (count == 0)
        {
            _input.End();
            if (_input.IsDiscarding)
            {
                Fail(0);
            }
            else if (_tls is null)
            {
                _handler.OnEndOfInput();
            }
            else
            {
                _tls.EndOfInput();
            }
        }
        else if (error == Constants.EAGAIN && !_output.HasFailed)
        {
            _input.Emptied();
        }
        else if (error == Constants.EINTR)
        {
            QueueRead();
        }
        else
        {
            Fail(error == Constants.EAGAIN ? WriteError : error);
        }
    }

    private void QueueReadIfAny()
    {
        if (_input.IsReady || _input.HasKept || _tls is { IsStopped: true } || Stage is { HasInput: true })
        {
            QueueRead();
        }
    }

    private protected override void QueueRead()
    {
        if (_input.AskTurn())
        {
            Loop.ReadLater(this);
        }
    }

    private protected override void GoOnReading() => ResumeReading();

    private protected override void CompleteOutput(bool last)
    {
        Stage?.Flush(last);
        _tls?.Flush(last && Stage is not { HoldsOutput: true });
    }

    private protected override void OnOpened()
    {
        if (_tls is null)
        {
            _handler.OnConnected();
        }
        else
        {
            _tls.Connect();
        }
    }

    private protected override void OnReleased(int error)
    {
        _tls?.Dispose(error);
        _handler.OnClosed(error);
    }

    private protected override void DropOutput()
    {
        _tls?.DropGathered();
        base.DropOutput();
    }
}
