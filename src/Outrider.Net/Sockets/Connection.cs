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
public abstract partial class Connection : LoopHandle
{
    private OwnAddress? _own;

    /// <summary>Made on the loop that will serve it.</summary>
    protected Connection(EventLoop loop) => Loop = loop;

    /// <summary>The loop that this connection belongs to.</summary>
    public EventLoop Loop { get; }

    /// <summary>Our own address on this connection. The kernel is asked once; what it said then stays after the connection's end.</summary>
    public PeerAddress LocalAddress => _own?.Value ?? AskLocalAddress();

    /// <summary>The connection that <see cref="Connect(System.Net.EndPoint)"/> asked for is there; with TLS, its handshake is over.</summary>
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

    private PeerAddress AskLocalAddress()
    {
        if (Descriptor < 0)
        {
            return default;
        }

        var address = SocketCalls.LocalAddress(Descriptor);
        // Before it is connected a socket may have no address, or another.
        if (address.IsKnown && (_flags & Flags.Connecting) == 0)
        {
            _own = Loop.OwnAddresses.Of(address);
        }

        return address;
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

        if ((events & ~Constants.EPOLLOUT) != 0)
        {
            OnInputEvents(events);
        }
    }

    /// <summary>What <see cref="EventLoop"/> calls when the event that wrote, failed or closed is done.</summary>
    internal void RunFlush()
    {
        _flags &= ~Flags.FlushQueued;
        if ((_flags & Flags.Closed) == 0)
        {
            FlushOutput();
        }

        if ((_flags & (Flags.CloseWhenWritten | Flags.ShutdownWhenWritten)) != 0 && _output.IsEmpty)
        {
            EndOutput();
        }

        if ((_flags & (Flags.Closed | Flags.ClosedTold)) == Flags.Closed)
        {
            TellClosed();
        }
    }

    /// <summary>What <see cref="EventLoop"/> calls, once in a turn, when there may be input that no event will tell of again.</summary>
    internal void RunReady()
    {
        _flags &= ~Flags.ReadQueued;
        if (_tls is { IsStopped: true } && MayRead)
        {
            _tls.Resume();
            Loop.RunFlushes();
        }

        if (!_unread.IsEmpty && MayRead)
        {
            DeliverUnread();
            Loop.RunFlushes();
        }

        if (MayRead && (_flags & Flags.ReadReady) != 0)
        {
            ReceiveInOrder();
        }
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
}
