using System.Net;
using Outrider.Net.Interop;

namespace Outrider.Net;

/// <summary>
/// One stream socket on one loop, told in terms of completion: "these bytes arrived", "what you wrote is on its way". A
/// codec derives from it. Everything happens on the loop's thread, and no call into it ever calls back: what has to be
/// told is told when the event at hand is done.
/// </summary>
/// <remarks>
/// A connection at rest holds no buffer. Input is received into the loop's buffer and lent to <see cref="OnReceived"/>;
/// output that the kernel does not take at once waits in segments borrowed from the loop. How much that is, is bounded by
/// whoever writes: it stops its source in <see cref="OnWriteBlocked"/> and goes on in <see cref="OnWritten"/>.
/// </remarks>
public abstract unsafe partial class Connection : LoopHandle
{
    // Reads in a row from one connection before others get their turn: 1 MiB.
    private const int MostReadsAtOnce = 16;

    // From here on, handing the bytes to the kernel at once beats copying them next to what waits (measured: 64 KiB bodies).
    private const int LargeWrite = 8 * 1024;

    private const int MostVectors = 16;

    // How long a connection that has said its last is read, and what comes forgotten.
    private const int DrainMilliseconds = 2000;

    private const Flags NoMoreOutput = Flags.Closed | Flags.WriteFailed | Flags.OutputEnded | Flags.CloseWhenWritten | Flags.ShutdownWhenWritten;

    private OutputQueue _output;
    private int _error;
    private Flags _flags;
    private UnreadBytes _unread;
    private TlsLayer? _tls;

    /// <summary>Made on the loop that will serve it.</summary>
    protected Connection(EventLoop loop) => Loop = loop;

    [Flags]
    private enum Flags : uint
    {
        Connecting = 1,
        Open = 2,
        ReadPaused = 4,
        ReadReady = 8,
        PeerShutdown = 16,
        WriteBlocked = 32,
        BlockedTold = 64,
        WriteFailed = 128,
        FlushQueued = 256,
        ReadQueued = 512,
        CloseWhenWritten = 1024,
        Discarding = 2048,
        Closed = 4096,
        ClosedTold = 8192,
        WaitsForOutput = 16384,
        EndOfInput = 32768,
        HasSent = 65536,
        ShutdownWhenWritten = 131072,
        OutputEnded = 262144,
        Draining = 524288,
    }

    /// <summary>The loop that this connection belongs to.</summary>
    public EventLoop Loop { get; }

    /// <summary>Is the connection established, and not closed?</summary>
    public bool IsOpen => (_flags & (Flags.Open | Flags.Closed)) == Flags.Open;

    /// <summary>Has <see cref="Close"/> been called or the connection failed?</summary>
    public bool IsClosed => (_flags & Flags.Closed) != 0;

    /// <summary>Does output wait for the kernel?</summary>
    public bool IsWriteBlocked => (_flags & Flags.WriteBlocked) != 0;

    /// <summary>Has the peer said that it will send no more? (What it sent before may not have been read yet.)</summary>
    public bool IsPeerShutdown => (_flags & Flags.PeerShutdown) != 0;

    /// <summary>Has the kernel taken any byte since <see cref="ForgetSent"/>?</summary>
    protected bool HasSent => (_flags & Flags.HasSent) != 0;

    /// <summary>Has a write failed, so that nothing more will be sent?</summary>
    protected bool HasWriteFailed => (_flags & Flags.WriteFailed) != 0;

    /// <summary>Does input wait that <see cref="OnReceived"/> left, or that was not read because reading is paused?</summary>
    protected bool HasUnread => !_unread.IsEmpty || _tls is { IsStopped: true } || (_flags & (Flags.ReadReady | Flags.EndOfInput)) == Flags.ReadReady;

    /// <summary>Is reading paused?</summary>
    public bool IsReadPaused => (_flags & Flags.ReadPaused) != 0;

    /// <summary>Bytes written but not yet taken by the kernel.</summary>
    public int PendingOutput => (_tls?.GatheredLength ?? 0) + _output.Length;

    /// <summary>Our own address on this connection.</summary>
    public PeerAddress LocalAddress => Descriptor < 0 ? default : SocketCalls.LocalAddress(Descriptor);

    /// <summary>The most that one read takes, up to <see cref="EventLoop.ReceiveBufferSize"/>.</summary>
    protected virtual int ReadSize => EventLoop.ReceiveBufferSize;

    /// <summary>When the peer no longer takes what is written: is it still worth reading what it sent? An upstream's early answer is; default false.</summary>
    protected virtual bool ReadsAfterWriteFailure => false;

    /// <summary>The connection that <see cref="Connect(EndPoint)"/> asked for is there; with TLS, its handshake is over.</summary>
    protected virtual void OnConnected()
    {
    }

    /// <summary>
    /// Bytes arrived. The span is the loop's buffer, good for the length of the call. Returns how many bytes were used;
    /// what is left comes again, before anything newer, after <see cref="ResumeReading"/>. Leaving some without having
    /// paused closes the connection.
    /// </summary>
    protected abstract int OnReceived(ReadOnlySpan<byte> data);

    /// <summary>The peer will send no more, and everything that it sent has been received.</summary>
    protected abstract void OnEndOfInput();

    /// <summary>The peer will send no more, noticed while reading is paused.</summary>
    protected virtual void OnPeerShutdown()
    {
    }

    /// <summary>The connection broke (reset), noticed while reading is paused. Default: nothing; the read that follows will tell.</summary>
    protected virtual void OnPeerReset()
    {
    }

    /// <summary>The kernel takes no more for now: stop what feeds this connection.</summary>
    protected virtual void OnWriteBlocked()
    {
    }

    /// <summary>While blocked: the kernel took some of what waits, not all.</summary>
    protected virtual void OnWriteProgress()
    {
    }

    /// <summary>After <see cref="OnWriteBlocked"/>: everything that waited has been taken.</summary>
    protected virtual void OnWritten()
    {
    }

    /// <summary>The descriptor is closed. Called exactly once, whoever closed it.</summary>
    /// <param name="error">0, or the errno of what ended it (<see cref="SocketErrors.Describe"/>).</param>
    protected abstract void OnClosed(int error);

    /// <summary>Starts to connect; <see cref="OnConnected"/> or <see cref="OnClosed"/> follows, never from within this call.</summary>
    protected void Connect(EndPoint endPoint)
    {
        try
        {
            Descriptor = SocketCalls.Create(endPoint);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Fail(e.NativeErrorCode);
            return;
        }

        _flags |= Flags.Connecting | Flags.WaitsForOutput;
        if (endPoint is IPEndPoint)
        {
            SocketCalls.SetOption(Descriptor, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1);
        }

        int error = SocketCalls.Connect(Descriptor, endPoint);
        if (error == 0)
        {
            error = Loop.Poller.Add(this, Constants.EPOLLIN | Constants.EPOLLOUT | Constants.EPOLLRDHUP | Constants.EPOLLET);
        }

        if (error != 0)
        {
            Fail(error);
        }
    }

    /// <summary>
    /// Writes. Small pieces written during one event leave together in one system call at its end; a large one leaves at
    /// once with what is before it. What the kernel does not take is copied and waits. After <see cref="Close"/> or a
    /// failure it does nothing.
    /// </summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        if ((_flags & NoMoreOutput) != 0 || data.IsEmpty)
        {
            return;
        }

        if (_tls is not null)
        {
            WriteEncrypted(data);
            return;
        }

        if (data.Length >= LargeWrite && (_flags & (Flags.WriteBlocked | Flags.Open)) == Flags.Open)
        {
            data = SendQueueAnd(data);
        }

        _output.Append(data, Loop.Segments);
        QueueFlush();
    }

    /// <summary>A piece of the output queue to write into: at least <paramref name="size"/> bytes (up to 4 KiB). Follow with <see cref="Advance"/>.</summary>
    public Span<byte> GetSpan(int size) => _tls is null ? _output.GetSpan(size, Loop.Segments) : _tls.GetSpan(size);

    /// <summary>Says how much of <see cref="GetSpan"/> was used.</summary>
    public void Advance(int count)
    {
        if ((_flags & NoMoreOutput) != 0)
        {
            // What was filled in is forgotten by not counting it; what was written before still goes out.
            if ((_flags & (Flags.Closed | Flags.WriteFailed | Flags.OutputEnded)) != 0)
            {
                DropOutput();
            }

            return;
        }

        if (_tls is null)
        {
            _output.Advance(count);
        }
        else
        {
            _tls.Advance(count);
        }

        QueueFlush();
    }

    /// <summary>Stops reading after the bytes at hand; the kernel's buffer fills and the peer is held back.</summary>
    public void PauseReading() => _flags |= Flags.ReadPaused;

    /// <summary>Goes on reading, when the event at hand is done.</summary>
    public void ResumeReading()
    {
        if ((_flags & Flags.ReadPaused) == 0)
        {
            return;
        }

        _flags &= ~Flags.ReadPaused;
        if ((_flags & Flags.ReadReady) != 0 || !_unread.IsEmpty || _tls is { IsStopped: true })
        {
            QueueRead();
        }
    }

    /// <summary>Closes now. Output that waits is lost; input that was not read makes the kernel reset the connection.</summary>
    public void Close() => Fail(0);

    /// <summary>Closes now with a reset, for a peer that could take an ordinary end for the end of a message.</summary>
    public void Abort()
    {
        if (Descriptor >= 0)
        {
            // struct linger { on, 0 seconds }: close(2) then sends RST.
            ulong linger = 1;
            _ = LibC.setsockopt(Descriptor, Constants.SOL_SOCKET, Constants.SO_LINGER, &linger, sizeof(ulong));
        }

        Fail(0);
    }

    /// <summary>
    /// Closes once all output is on its way. With <paramref name="drain"/> it then says so to the peer and goes on reading,
    /// and forgetting, until the peer closes or two seconds are over, so that an unread request does not make the kernel
    /// destroy the answer (RFC 9112 §9.6).
    /// </summary>
    public void CloseWhenWritten(bool drain)
    {
        if ((_flags & (Flags.Closed | Flags.CloseWhenWritten)) != 0)
        {
            return;
        }

        _flags |= Flags.CloseWhenWritten | (drain ? Flags.Discarding : 0);
        QueueFlush();
    }

    /// <summary>Tells the peer, once all output is on its way, that no more will come; input goes on.</summary>
    public void ShutdownWhenWritten()
    {
        _flags |= Flags.ShutdownWhenWritten;
        QueueFlush();
    }

    /// <summary>Starts to watch whether anything is sent (<see cref="HasSent"/>).</summary>
    protected void ForgetSent() => _flags &= ~Flags.HasSent;

    /// <summary>
    /// Looks whether the peer is still there and silent, with a system call: false when it closed, reset, or sent something.
    /// For a connection from a pool before a request that must not be lost.
    /// </summary>
    protected bool IsQuiet()
    {
        if (!IsOpen || (_flags & (Flags.PeerShutdown | Flags.ReadReady)) != 0 || _tls is { IsHandshaking: true } or { IsStopped: true })
        {
            return false;
        }

        byte one;
        return LibC.recv(Descriptor, &one, 1, Constants.MSG_PEEK | Constants.MSG_DONTWAIT) < 0 && LibC.Error == Constants.EAGAIN;
    }

    /// <summary>Is the connection only waiting for the peer to close (<see cref="CloseWhenWritten"/>)? Then a timer ends it.</summary>
    protected bool IsClosing => (_flags & Flags.CloseWhenWritten) != 0;

    /// <summary>Takes over a socket that a listener accepted.</summary>
    internal void Accepted(int fd)
    {
        Descriptor = fd;
        _flags |= Flags.Open;
        int error = Loop.Poller.Add(this, Constants.EPOLLIN | Constants.EPOLLRDHUP | Constants.EPOLLET);
        if (error != 0)
        {
            Fail(error);
            return;
        }

        _tls?.Accepted();
        OnConnected();
    }

    internal sealed override void OnEvents(uint events)
    {
        if ((_flags & Flags.Connecting) != 0)
        {
            FinishConnect(events);
            return;
        }

        if ((events & Constants.EPOLLOUT) != 0 && (_flags & Flags.WriteBlocked) != 0)
        {
            Unblock();
        }

        if ((events & ~(Constants.EPOLLOUT)) != 0)
        {
            if ((_flags & Flags.EndOfInput) != 0)
            {
                // Nothing is left to read, so this is the other half: a reset, or the end of both directions.
                if ((events & (Constants.EPOLLERR | Constants.EPOLLHUP)) != 0)
                {
                    Fail(SocketCalls.TakeError(Descriptor));
                }

                return;
            }

            _flags |= Flags.ReadReady;
            if ((events & (Constants.EPOLLRDHUP | Constants.EPOLLHUP | Constants.EPOLLERR)) != 0)
            {
                _flags |= Flags.PeerShutdown;
            }

            if ((_flags & Flags.ReadPaused) == 0)
            {
                ReceiveInOrder();
            }
            else if ((events & Constants.EPOLLERR) != 0)
            {
                OnPeerReset();
            }
            else if ((_flags & Flags.PeerShutdown) != 0)
            {
                OnPeerShutdown();
            }
        }
    }

    /// <summary>What <see cref="EventLoop"/> calls when the event that wrote, failed or closed is done.</summary>
    internal void RunFlush()
    {
        _flags &= ~Flags.FlushQueued;
        if ((_flags & Flags.Closed) == 0)
        {
            _tls?.Flush(last: (_flags & (Flags.CloseWhenWritten | Flags.ShutdownWhenWritten)) != 0);
            if ((_flags & (Flags.WriteBlocked | Flags.Open)) == Flags.Open && !_output.IsEmpty)
            {
                _ = SendQueueAnd(default);
            }

            if ((_flags & (Flags.WriteBlocked | Flags.BlockedTold)) == Flags.WriteBlocked)
            {
                _flags |= Flags.BlockedTold;
                OnWriteBlocked();
            }
        }

        if ((_flags & (Flags.ShutdownWhenWritten | Flags.OutputEnded | Flags.WriteFailed | Flags.Closed | Flags.Open)) == (Flags.ShutdownWhenWritten | Flags.Open) && _output.IsEmpty)
        {
            _flags |= Flags.OutputEnded;
            _ = LibC.shutdown(Descriptor, Constants.SHUT_WR);
        }

        if ((_flags & (Flags.CloseWhenWritten | Flags.Closed)) == Flags.CloseWhenWritten && _output.IsEmpty)
        {
            FinishClose();
        }

        if ((_flags & (Flags.Closed | Flags.ClosedTold)) == Flags.Closed)
        {
            _flags |= Flags.ClosedTold;
            Loop.Remove(this);
            // Not before: whoever closed the connection may still have been looking at these bytes.
            _unread.Drop();
            _tls?.Dispose(_error);
            OnClosed(_error);
        }
    }

    internal void RunReady()
    {
        _flags &= ~Flags.ReadQueued;
        if (_tls is { IsStopped: true } && (_flags & (Flags.ReadPaused | Flags.Closed)) == 0)
        {
            _tls.Resume();
            Loop.RunFlushes();
        }

        if (!_unread.IsEmpty && (_flags & (Flags.ReadPaused | Flags.Closed)) == 0)
        {
            DeliverUnread();
            Loop.RunFlushes();
        }

        if ((_flags & (Flags.ReadPaused | Flags.Closed)) == 0 && (_flags & Flags.ReadReady) != 0)
        {
            ReceiveInOrder();
        }
    }

    // What an owner left comes before anything newer: resumed a moment ago, it may still wait for its turn in RunReady.
    private void ReceiveInOrder()
    {
        if (_unread.IsEmpty)
        {
            Receive();
        }
        else
        {
            QueueRead();
        }
    }

    private void FinishConnect(uint events)
    {
        int error = SocketCalls.TakeError(Descriptor);
        if (error != 0)
        {
            Fail(error);
            return;
        }

        if ((events & Constants.EPOLLOUT) == 0)
        {
            return;
        }

        _flags = (_flags & ~Flags.Connecting) | Flags.Open;
        if ((events & (Constants.EPOLLIN | Constants.EPOLLRDHUP)) != 0)
        {
            _flags |= Flags.ReadReady;
            QueueRead();
        }

        if (_tls is null)
        {
            OnConnected();
        }
        else
        {
            _tls.Connect();
        }
    }

    private void Receive()
    {
        byte* buffer = Loop.ReceiveBuffer;
        int size = Math.Min(ReadSize, EventLoop.ReceiveBufferSize);
        for (int i = 0; i < MostReadsAtOnce; i++)
        {
            nint count = LibC.recv(Descriptor, buffer, size, 0);
            if (count <= 0)
            {
                EndOfReceive(count);
                return;
            }

            // A read that did not fill its buffer has emptied the socket (epoll(7)), unless the end is behind it.
            if (count < size && (_flags & Flags.PeerShutdown) == 0)
            {
                _flags &= ~Flags.ReadReady;
            }

            if ((_flags & Flags.Discarding) == 0)
            {
                var data = new ReadOnlySpan<byte>(buffer, (int)count);
                int used = _tls is null ? OnReceived(data) : _tls.Receive(data);
                if (used < count && (_flags & (Flags.Closed | Flags.CloseWhenWritten)) == 0)
                {
                    KeepUnread(data[used..]);
                }
            }

            if ((_flags & Flags.ReadReady) == 0 || (_flags & (Flags.ReadPaused | Flags.Closed)) != 0)
            {
                return;
            }

            // What was written from these bytes goes out before more are read: the writer may have to stop us.
            Loop.RunFlushes();
            if ((_flags & (Flags.ReadPaused | Flags.Closed)) != 0)
            {
                return;
            }
        }

        QueueRead();
    }

    private void KeepUnread(ReadOnlySpan<byte> data)
    {
        if ((_flags & Flags.ReadPaused) == 0)
        {
            throw new InvalidOperationException($"{GetType().Name} left {data.Length} bytes without pausing");
        }

        _unread.Keep(data);
    }

    private void DeliverUnread()
    {
        while (!_unread.IsEmpty && (_flags & (Flags.ReadPaused | Flags.Closed | Flags.CloseWhenWritten)) == 0)
        {
            var data = _unread.Span;
            int used = _tls is null ? OnReceived(data) : _tls.Receive(data);
            if (_unread.IsEmpty)
            {
                return;
            }

            _unread.Advance(used);
            if (!_unread.IsEmpty && (_flags & (Flags.ReadPaused | Flags.Closed | Flags.CloseWhenWritten)) == 0)
            {
                throw new InvalidOperationException($"{GetType().Name} left {_unread.Length} bytes without pausing");
            }
        }
    }

    private void EndOfReceive(nint count)
    {
        if (count == 0)
        {
            _flags = (_flags | Flags.PeerShutdown | Flags.ReadPaused | Flags.EndOfInput) & ~Flags.ReadReady;
            if ((_flags & Flags.Discarding) != 0)
            {
                Fail(0);
            }
            else if (_tls is null)
            {
                OnEndOfInput();
            }
            else
            {
                _tls.EndOfInput();
            }

            return;
        }

        int error = LibC.Error;
        if (error == Constants.EAGAIN && (_flags & Flags.WriteFailed) == 0)
        {
            _flags &= ~Flags.ReadReady;
        }
        else if (error == Constants.EINTR)
        {
            QueueRead();
        }
        else
        {
            Fail(error == Constants.EAGAIN ? _error : error);
        }
    }

    private void Unblock()
    {
        _flags &= ~Flags.WriteBlocked;
        if (!_output.IsEmpty)
        {
            _ = SendQueueAnd(default);
        }

        if ((_flags & (Flags.WriteBlocked | Flags.Closed)) != 0)
        {
            if ((_flags & Flags.Closed) == 0)
            {
                OnWriteProgress();
            }

            return;
        }

        bool told = (_flags & Flags.BlockedTold) != 0;
        _flags &= ~Flags.BlockedTold;
        if ((_flags & (Flags.CloseWhenWritten | Flags.ShutdownWhenWritten)) != 0)
        {
            QueueFlush();
        }

        if (told && (_flags & Flags.CloseWhenWritten) == 0)
        {
            OnWritten();
        }
    }

    /// <summary>Sends what waits and then <paramref name="data"/>; returns the part of it that the kernel did not take.</summary>
    private ReadOnlySpan<byte> SendQueueAnd(ReadOnlySpan<byte> data)
    {
        IoVector* vectors = stackalloc IoVector[MostVectors];
        fixed (byte* dataStart = data)
        {
            int dataOffset = 0;
            while (true)
            {
                int count = _output.Gather(vectors, MostVectors, out nint wanted);
                // With a vector left over, the queue is in them as a whole.
                if (count < MostVectors && dataOffset < data.Length)
                {
                    vectors[count].Base = dataStart + dataOffset;
                    vectors[count].Length = data.Length - dataOffset;
                    wanted += data.Length - dataOffset;
                    count++;
                }

                if (count == 0)
                {
                    return default;
                }

                nint sent = Send(vectors, count);
                if (sent < 0)
                {
                    int error = LibC.Error;
                    if (error == Constants.EINTR)
                    {
                        continue;
                    }

                    if (error is Constants.EAGAIN or Constants.ENOBUFS)
                    {
                        Block();
                        return data[dataOffset..];
                    }

                    WriteFailed(error);
                    return default;
                }

                _flags |= Flags.HasSent;
                dataOffset += (int)_output.Consume(sent, Loop.Segments);
                if (sent < wanted)
                {
                    Block();
                    return data[dataOffset..];
                }
            }
        }
    }

    private nint Send(IoVector* vectors, int count)
    {
        if (count == 1)
        {
            return LibC.send(Descriptor, vectors[0].Base, vectors[0].Length, Constants.MSG_NOSIGNAL);
        }

        MessageHeader message = default;
        message.Vectors = vectors;
        message.VectorCount = count;
        return LibC.sendmsg(Descriptor, &message, Constants.MSG_NOSIGNAL);
    }

    private void Block()
    {
        _flags |= Flags.WriteBlocked;
        if ((_flags & Flags.WaitsForOutput) == 0)
        {
            _flags |= Flags.WaitsForOutput;
            Loop.Poller.WaitForOutputToo(this);
        }
    }

    private void WriteFailed(int error)
    {
        DropOutput();
        _error = error;
        _flags = (_flags | Flags.WriteFailed) & ~Flags.WriteBlocked;
        if (ReadsAfterWriteFailure)
        {
            _flags |= Flags.ReadReady;
            if ((_flags & Flags.ReadPaused) == 0)
            {
                QueueRead();
            }
        }
        else
        {
            Fail(error);
        }
    }

    private void DropOutput()
    {
        _tls?.DropGathered();
        _output.Drop(Loop.Segments);
    }

    private void QueueFlush()
    {
        if ((_flags & Flags.FlushQueued) == 0)
        {
            _flags |= Flags.FlushQueued;
            Loop.Flush(this);
        }
    }

    private void QueueRead()
    {
        if ((_flags & Flags.ReadQueued) == 0)
        {
            _flags |= Flags.ReadQueued;
            Loop.ReadLater(this);
        }
    }

    private void FinishClose()
    {
        // Not at the peer's shutdown, but at the end of what it sent: with bytes unread, close(2) would reset.
        if ((_flags & (Flags.Discarding | Flags.EndOfInput | Flags.WriteFailed | Flags.Open)) != (Flags.Discarding | Flags.Open))
        {
            Fail(_error);
            return;
        }

        // Only once: later flushes find nothing to do.
        if ((_flags & Flags.Draining) == 0)
        {
            _flags |= Flags.Draining | Flags.OutputEnded;
            _ = LibC.shutdown(Descriptor, Constants.SHUT_WR);
            // From now on, and not from the call: a slow reader gets all the time that the owner's timer gives it.
            Loop.Arm(this, DrainMilliseconds);
            _unread.Drop();
            ResumeReading();
        }
    }

    private void Fail(int error)
    {
        if ((_flags & Flags.Closed) != 0)
        {
            return;
        }

        _flags |= Flags.Closed;
        _error = error;
        DropOutput();
        if (Descriptor >= 0)
        {
            Loop.Poller.Forget(this);
            _ = LibC.close(Descriptor);
            Descriptor = -1;
        }

        QueueFlush();
    }
}
