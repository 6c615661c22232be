using Outrider.Net.Interop;

namespace Outrider.Net;

/// <content>
/// The way in: from the socket to the codec or its TLS, in order, and held back while reading is paused. The pointers here
/// are to the loop's receive buffer, which is the loop's and lent for the length of a call.
/// </content>
public abstract unsafe partial class Connection
{
    // Reads in a row from one connection before others get their turn: 1 MiB.
    private const int MostReadsAtOnce = 16;

    private UnreadBytes _unread;

    /// <summary>The most that one read takes, up to <see cref="EventLoop.ReceiveBufferSize"/>.</summary>
    protected virtual int ReadSize => EventLoop.ReceiveBufferSize;

    /// <summary>Does input wait that <see cref="OnReceived"/> left, or that was not read because reading is paused?</summary>
    protected bool HasUnread => !_unread.IsEmpty || _tls is { IsStopped: true } || (_flags & (Flags.ReadReady | Flags.EndOfInput)) == Flags.ReadReady;

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

    /// <summary>Is what the codec left to be given to it again? Not when the connection ends.</summary>
    /// <exception cref="InvalidOperationException">It left bytes without having paused.</exception>
    internal bool KeepsUnread(int count)
    {
        if ((_flags & (Flags.Closed | Flags.CloseWhenWritten)) != 0)
        {
            return false;
        }

        return (_flags & Flags.ReadPaused) != 0 ? true : throw new InvalidOperationException($"{GetType().Name} left {count} bytes without pausing");
    }

    private void OnInputEvents(uint events)
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
                int used = Deliver(data);
                if (used < data.Length && KeepsUnread(data.Length - used))
                {
                    _unread.Keep(data[used..]);
                }
            }

            if ((_flags & Flags.ReadReady) == 0 || !MayRead)
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

    private int Deliver(ReadOnlySpan<byte> data) => _tls is null ? OnReceived(data) : _tls.Receive(data);

    private void DeliverUnread()
    {
        while (!_unread.IsEmpty && (_flags & (Flags.ReadPaused | Flags.Closed | Flags.CloseWhenWritten)) == 0)
        {
            int used = Deliver(_unread.Span);
            if (_unread.IsEmpty)
            {
                return;
            }

            _unread.Advance(used);
            if (!_unread.IsEmpty)
            {
                _ = KeepsUnread(_unread.Length);
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
}
