using System.Net;
using Outrider.Net.Addresses;
using Outrider.Net.Interop;
using Outrider.Net.Loops;

namespace Outrider.Net.Sockets;

/// <summary>
/// A stream socket on one loop: how it is connected, how its output leaves in order, and how it ends: at once, or once all
/// output is on its way, and then without hurting what the peer has yet to read. What arrives is the <see cref="Outrider.Net.Transports.Transport"/>'s.
/// </summary>
public abstract class StreamSocket : LoopHandle, IWaitingConnect
{
    // How long a connection that has sent its last is read, and what comes forgotten.
    private const int DrainMilliseconds = 2000;

    private SocketAddresses _addresses;
    private protected TransportHandler _handler;
    private protected SocketInput _input;
    private protected SocketOutput _output;
    private SocketState _state;

    private protected StreamSocket(EventLoop loop, TransportHandler handler)
    {
        Loop = loop;
        _handler = handler;
    }

    private protected StreamSocket(EventLoop loop, int descriptor, PeerAddress remote)
    {
        Loop = loop;
        Descriptor = descriptor;
        _addresses.Remote = remote;
        _handler = null!;
        _state = SocketState.Open;
    }

    /// <summary>The loop that this connection belongs to.</summary>
    public EventLoop Loop { get; }

    /// <summary>Who reads it and is told. Replaced on the loop; the new one gets what the old one left.</summary>
    public TransportHandler Handler
    {
        get => Stage is { } stage ? stage.Inner : _handler;
        set
        {
            if (Stage is { } stage)
            {
                stage.Inner = value;
            }
            else
            {
                _handler = value;
            }
        }
    }

    /// <summary>What stands before the handler; null where nothing does.</summary>
    private protected HandlerStage? Stage => (_state & SocketState.Staged) != 0 ? (HandlerStage)_handler : null;

    /// <summary>The peer's address. A listener filter may set what a proxy before us says of it.</summary>
    public PeerAddress RemoteAddress
    {
        get => _addresses.Remote;
        set => _addresses.Remote = value;
    }

    /// <summary>Our own address on this connection. The kernel is asked once; what it said then stays after the connection's end.</summary>
    public PeerAddress LocalAddress => _addresses.Local(Descriptor, isConnecting: (_state & SocketState.Connecting) != 0, Loop.OwnAddresses);

    /// <summary>Is <see cref="LocalAddress"/> the address that the client wanted, as a listener filter found it out, and not the socket's?</summary>
    public bool IsLocalAddressRestored => _addresses.IsRestored;

    /// <summary>The client wanted that address, whatever address the connection came to.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isOwn">It is the socket's own after all, and nobody was redirected.</param>
    public void RestoreLocalAddress(PeerAddress address, bool isOwn = false) => _addresses.Restore(address, isOwn);

    /// <summary>Asks the kernel where the client wanted to connect to before iptables' REDIRECT sent it here (netfilter); unknown where that is nowhere else.</summary>
    public PeerAddress FindOriginalDestination() => Descriptor < 0 ? default : SocketCalls.OriginalDestination(Descriptor);

    /// <summary>Is the connection established, and not closed?</summary>
    public bool IsOpen => (_state & (SocketState.Open | SocketState.Closed)) == SocketState.Open;

    /// <summary>Has <see cref="Close"/> been called or the connection failed?</summary>
    public bool IsClosed => (_state & SocketState.Closed) != 0;

    /// <summary>Is the connection to close once all output is on its way?</summary>
    public bool IsClosing => (_state & SocketState.Closing) != 0;

    /// <summary>Has the peer said that it will send no more? (What it sent before may not have been read yet.)</summary>
    public bool IsPeerShutdown => _input.IsPeerShutdown;

    /// <summary>Is reading paused?</summary>
    public bool IsReadPaused => _input.IsPaused;

    /// <summary>Does output wait for the kernel, or for a stage before the handler?</summary>
    public bool IsWriteBlocked => _output.IsBlocked || Stage is { HoldsOutput: true };

    /// <summary>Has a write failed, so that nothing more will be sent?</summary>
    public bool HasWriteFailed => _output.HasFailed;

    /// <summary>Has the kernel taken any byte since <see cref="ForgetSent"/>?</summary>
    public bool HasSent => _output.HasSent;

    private protected bool MaySend => (_state & SocketState.Open) != 0 && !_output.IsBlocked;

    /// <summary>Puts a stage before the handler, for good. Before anything was received or written; one at the most.</summary>
    public void PutBefore(HandlerStage stage)
    {
        ArgumentNullException.ThrowIfNull(stage);
        stage.Inner = _handler;
        _handler = stage;
        _state |= SocketState.Staged;
    }

    /// <summary>
    /// From now on what is written leaves when all events that came together are done, and not each time after one of them: for a connection
    /// that many streams share, whose answers come from as many others.
    /// </summary>
    public void GatherOutput() => _state |= SocketState.Gathering;

    /// <summary>Tells the handler, and what stands before it, that the connection is its own now (<see cref="TransportHandler.OnConnected"/>).</summary>
    public void TellConnected() => _handler.OnConnected();

    /// <summary>
    /// Starts to connect; what comes of it is told later, never from within this call. While the process is short of descriptors the
    /// connection waits for one (<see cref="WaitingConnects"/>).
    /// </summary>
    /// <param name="endPoint">Where to.</param>
    /// <param name="timeout">Milliseconds, from when there is a descriptor; <see cref="TransportHandler.OnTimer"/> tells that they are over.</param>
    private protected void Open(EndPoint endPoint, long timeout)
    {
        _state |= SocketState.Connecting;
        _output.IsWatched();
        if (Loop.WaitingConnects.IsEmpty && TryOpen(endPoint))
        {
            Arm(timeout);
        }
        else
        {
            Loop.WaitingConnects.Add(this, endPoint, timeout);
        }
    }

    /// <summary>Makes the socket and asks for the connection. False: the process is short of descriptors, and nothing has happened.</summary>
    bool IWaitingConnect.TryOpen(EndPoint endPoint) => TryOpen(endPoint);

    private bool TryOpen(EndPoint endPoint)
    {
        if (!SocketCalls.TryConnect(endPoint, out Descriptor, out int error))
        {
            return false;
        }

        if (error == 0)
        {
            error = Loop.Poller.Add(this, Constants.EPOLLIN | Constants.EPOLLOUT | Constants.EPOLLRDHUP | Constants.EPOLLET, mayBeFirst: true);
        }

        if (error != 0)
        {
            Fail(error);
        }

        return true;
    }

    /// <summary>Sets the transport's one timer, which <see cref="TransportHandler.OnTimer"/> tells of, to so many milliseconds from now.</summary>
    public void Arm(long delay) => Loop.Arm(this, delay);

    /// <summary>Forgets the time that <see cref="Arm"/> set.</summary>
    public void Disarm() => EventLoop.Disarm(this);

    /// <summary>Stops reading after the bytes at hand; the kernel's buffer fills and the peer is held back.</summary>
    public void PauseReading() => _input.Pause();

    /// <summary>Starts to watch whether anything is sent (<see cref="HasSent"/>).</summary>
    public void ForgetSent() => _output.ForgetSent();

    /// <summary>Closes now. Output that waits is lost; input that was not read makes the kernel reset the connection.</summary>
    public void Close() => Fail(0);

    /// <summary>Closes now with a reset, for a peer that could take an ordinary end for the end of a message.</summary>
    public void Abort()
    {
        if (Descriptor >= 0)
        {
            SocketCalls.ResetWhenClosed(Descriptor);
        }

        Fail(0);
    }

    /// <summary>As <see cref="CloseWhenWritten(bool)"/>; the owner is told of that errno.</summary>
    private protected void CloseWhenWritten(bool drain, int error)
    {
        _output.Error = error;
        CloseWhenWritten(drain);
    }

    /// <summary>
    /// Closes once all output is on its way. With <paramref name="drain"/> it then says so to the peer and goes on reading,
    /// and forgetting, until the peer closes or two seconds are over, so that an unread request does not make the kernel
    /// destroy the answer (RFC 9112 §9.6).
    /// </summary>
    public void CloseWhenWritten(bool drain)
    {
        if ((_state & (SocketState.Closed | SocketState.Closing)) == 0)
        {
            _state |= SocketState.Closing;
            if (drain)
            {
                _input.Discard();
            }

            QueueFlush();
        }
    }

    /// <summary>Tells the peer, once all output is on its way, that no more will come; input goes on.</summary>
    public void ShutdownWhenWritten()
    {
        _output.AskEnd();
        QueueFlush();
    }

    /// <inheritdoc/>
    protected internal sealed override bool IsServedFirst => _handler.IsServedFirst;

    internal override void OnEvents(uint events)
    {
        if ((_state & SocketState.Connecting) != 0)
        {
            FinishConnect(events);
            return;
        }

        if ((events & Constants.EPOLLOUT) != 0 && _output.IsBlocked)
        {
            Unblock();
        }

        if ((events & ~Constants.EPOLLOUT) != 0)
        {
            OnInput(events);
        }
    }

    internal override void OnSeen(uint events)
    {
        if ((_state & SocketState.Connecting) == 0 && (events & ~Constants.EPOLLOUT) != 0 && !_input.HasEnded)
        {
            _input.Arrived(events);
        }
    }

    internal override void OnFailure() => Close();

    /// <summary>The event that wrote, failed or closed is done.</summary>
    internal override void RunFlush()
    {
        _state &= ~SocketState.FlushQueued;
        if (!IsClosed)
        {
            CompleteOutput(last: IsClosing || _output.EndIsAsked);
            if (MaySend && !_output.IsEmpty)
            {
                SendQueue();
            }

            // The owner hears now, and not from within its call, that the kernel takes no more.
            if (_output.TakeBlockedNews())
            {
                _handler.OnWriteBlocked();
            }
        }

        if ((IsClosing || _output.EndIsAsked) && _output.IsEmpty && (IsClosed || Stage is not { HoldsOutput: true }))
        {
            EndOutput();
        }

        if ((_state & (SocketState.Closed | SocketState.ClosedTold)) == SocketState.Closed)
        {
            _state |= SocketState.ClosedTold;
            Loop.Remove(this);
            // Not before: whoever closed the connection may still have been looking at these bytes.
            _input.DropKept();
            OnReleased(_output.Error);
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

        _state = (_state & ~SocketState.Connecting) | SocketState.Open;
        if ((events & (Constants.EPOLLIN | Constants.EPOLLRDHUP)) != 0)
        {
            _input.MakeReady();
            QueueRead();
        }

        OnOpened();
    }

    private protected void SendQueue()
    {
        ReadOnlySpan<byte> nothing = default;
        Send(ref nothing);
    }

    /// <summary>Sends what waits and then <paramref name="data"/>, and leaves the part of it that the kernel did not take.</summary>
    private protected void Send(ref ReadOnlySpan<byte> data)
    {
        int error = _output.Send(Descriptor, Loop.Segments, ref data);
        if (_output.NeedsWatch())
        {
            Loop.Poller.WaitForOutputToo(this);
        }
        else if (error != 0)
        {
            WriteFailed(error);
        }
    }

    private void Unblock()
    {
        _output.Unblock();
        if (!_output.IsEmpty)
        {
            SendQueue();
        }

        if (IsClosed)
        {
            return;
        }

        if (_output.IsBlocked)
        {
            _handler.OnWriteProgress();
            return;
        }

        bool told = _output.TakeWrittenNews();
        if (IsClosing || _output.EndIsAsked)
        {
            QueueFlush();
        }

        if (told && !IsClosing)
        {
            _handler.OnWritten();
        }
    }

    private void WriteFailed(int error)
    {
        DropOutput();
        _output.Error = error;
        if (!_handler.ReadsAfterWriteFailure)
        {
            Fail(error);
            return;
        }

        _input.MakeReady();
        if (!_input.IsPaused)
        {
            QueueRead();
        }
    }

    /// <summary>All output is on its way, and something was asked for that moment.</summary>
    private void EndOutput()
    {
        if (_output.EndIsAsked && IsOpen)
        {
            _output.End(Descriptor);
        }

        if (!IsClosing || IsClosed)
        {
            return;
        }

        // Not at the peer's shutdown, but at the end of what it sent: with bytes unread, close(2) would reset.
        if (!_input.IsDiscarding || _input.HasEnded || _output.HasFailed || (_state & SocketState.Open) == 0)
        {
            Fail(_output.Error);
        }
        else if ((_state & SocketState.Draining) == 0)
        {
            // Only once: later flushes find nothing to do.
            _state |= SocketState.Draining;
            _output.End(Descriptor);
            // From now on, and not from the call: a slow reader gets all the time that the owner's timer gives it.
            Loop.Arm(this, DrainMilliseconds);
            _input.DropKept();
            GoOnReading();
        }
    }

    /// <summary>Closes the descriptor; the handler hears of it when the event at hand is done.</summary>
    /// <param name="error">The errno of what ended the connection, or 0.</param>
    private protected void Fail(int error)
    {
        if (IsClosed)
        {
            return;
        }

        _state |= SocketState.Closed;
        _output.Error = error;
        DropOutput();
        if (Descriptor >= 0)
        {
            Loop.Poller.Forget(this);
            _ = LibC.close(Descriptor);
            Descriptor = -1;
            Loop.WaitingConnects.OnDescriptorClosed();
        }

        QueueFlush();
    }

    /// <summary>Forgets all output that has not left.</summary>
    private protected virtual void DropOutput() => _output.Drop(Loop.Segments);

    private protected void QueueFlush()
    {
        if ((_state & SocketState.FlushQueued) == 0)
        {
            _state |= SocketState.FlushQueued;
            if ((_state & SocketState.Gathering) == 0)
            {
                Loop.Flush(this);
            }
            else
            {
                Loop.FlushWithBatch(this);
            }
        }
    }

    /// <summary>The errno of a write that failed, or 0.</summary>
    private protected int WriteError => _output.Error;

    /// <summary>The connection that <see cref="Open"/> asked for is there.</summary>
    private protected abstract void OnOpened();

    /// <summary>epoll told of input, of its end, or of an error.</summary>
    private protected abstract void OnInput(uint events);

    /// <summary>There may be input that no event will tell of: its turn is to come.</summary>
    private protected abstract void QueueRead();

    /// <summary>Reads on, where reading was paused.</summary>
    private protected abstract void GoOnReading();

    /// <summary>The event at hand is done: what was held back for it joins the output. With <paramref name="last"/> nothing will follow.</summary>
    private protected abstract void CompleteOutput(bool last);

    /// <summary>The descriptor is closed. Once.</summary>
    private protected abstract void OnReleased(int error);
}
