using System.Net;
using Outrider.Net.Interop;
using Outrider.Net.Sockets;

namespace Outrider.Net.Transports;

/// <summary>
/// The way of one transport from its beginning to its end: how it is connected, and how it closes: at once, or once all output is on its
/// way, and then without hurting what the peer has yet to read. A field of the transport, which every call names; never copied. Only the
/// loop's thread touches it.
/// </summary>
internal struct TransportLife
{
    // How long a connection that has sent its last is read, and what comes forgotten.
    private const int DrainMilliseconds = 2000;

    private SocketState _state;

    /// <summary>Has the connection been asked for, and not been made yet?</summary>
    internal readonly bool IsConnecting => (_state & SocketState.Connecting) != 0;

    /// <summary>Was the connection ever there?</summary>
    internal readonly bool IsConnected => (_state & SocketState.Open) != 0;

    /// <summary>Is the connection established, and not closed?</summary>
    internal readonly bool IsOpen => (_state & (SocketState.Open | SocketState.Closed)) == SocketState.Open;

    /// <summary>Is the descriptor closed?</summary>
    internal readonly bool IsClosed => (_state & SocketState.Closed) != 0;

    /// <summary>Is the connection to close once all output is on its way?</summary>
    internal readonly bool IsClosing => (_state & SocketState.Closing) != 0;

    /// <summary>Does a stage stand before the handler?</summary>
    internal readonly bool IsStaged => (_state & SocketState.Staged) != 0;

    /// <summary>It comes from a listener, connected.</summary>
    internal void Accepted() => _state = SocketState.Open;

    /// <summary>A stage stands before the handler from now on.</summary>
    internal void Staged() => _state |= SocketState.Staged;

    /// <summary>What is written leaves when all events at hand are done.</summary>
    internal void Gather() => _state |= SocketState.Gathering;

    /// <summary>
    /// Starts to connect; what comes of it is told later, never from within this call. While the process is short of descriptors the
    /// connection waits for one.
    /// </summary>
    /// <param name="transport">Whose part this is.</param>
    /// <param name="endPoint">Where to.</param>
    /// <param name="timeout">Milliseconds, from when there is a descriptor.</param>
    internal void Open(Transport transport, EndPoint endPoint, long timeout)
    {
        _state |= SocketState.Connecting;
        transport.Output.Socket.IsWatched();
        if (transport.Loop.WaitingConnects.IsEmpty && TryOpen(transport, endPoint))
        {
            transport.Arm(timeout);
        }
        else
        {
            transport.Loop.WaitingConnects.Add(transport, endPoint, timeout);
        }
    }

    /// <summary>Something happened to the descriptor; <paramref name="events"/> are epoll's.</summary>
    internal void OnEvents(Transport transport, uint events)
    {
        if (IsConnecting)
        {
            FinishConnect(transport, events);
            return;
        }

        if ((events & Constants.EPOLLOUT) != 0 && transport.Output.Socket.IsBlocked)
        {
            transport.Output.Unblock(transport);
        }

        if ((events & ~Constants.EPOLLOUT) != 0)
        {
            transport.Input.OnEvents(transport, events);
        }
    }

    /// <summary>Makes the socket and asks for the connection. False: the process is short of descriptors, and nothing has happened.</summary>
    internal bool TryOpen(Transport transport, EndPoint endPoint)
    {
        if (!SocketCalls.TryConnect(endPoint, out transport.Descriptor, out int error))
        {
            return false;
        }

        if (error == 0)
        {
            error = transport.Loop.Poller.Add(
                transport, Constants.EPOLLIN | Constants.EPOLLOUT | Constants.EPOLLRDHUP | Constants.EPOLLET, mayBeFirst: true);
        }

        if (error != 0)
        {
            Fail(transport, error);
        }

        return true;
    }

    /// <summary>Asks for <see cref="RunFlush"/>, once until it comes.</summary>
    internal void QueueFlush(Transport transport)
    {
        if ((_state & SocketState.FlushQueued) == 0)
        {
            _state |= SocketState.FlushQueued;
            if ((_state & SocketState.Gathering) == 0)
            {
                transport.Loop.Flush(transport);
            }
            else
            {
                transport.Loop.FlushWithBatch(transport);
            }
        }
    }

    /// <summary>The event that wrote, failed or closed is done.</summary>
    internal void RunFlush(Transport transport)
    {
        _state &= ~SocketState.FlushQueued;
        bool endIsAsked = transport.Output.Socket.EndIsAsked;
        if (!IsClosed)
        {
            transport.Output.Flush(transport, last: IsClosing || endIsAsked);
        }

        if ((IsClosing || transport.Output.Socket.EndIsAsked) && transport.Output.Socket.IsEmpty && (IsClosed || transport.Stage is not { HoldsOutput: true }))
        {
            EndOutput(transport);
        }

        if ((_state & (SocketState.Closed | SocketState.ClosedTold)) == SocketState.Closed)
        {
            _state |= SocketState.ClosedTold;
            transport.Loop.Remove(transport);
            // Not before: whoever closed the connection may still have been looking at these bytes.
            transport.Input.Socket.DropKept();
            int error = transport.Output.Socket.Error;
            transport.Layer?.Dispose(error);
            transport.Front.OnClosed(error);
        }
    }

    /// <summary>Closes now with a reset.</summary>
    internal void Abort(Transport transport)
    {
        if (transport.Descriptor >= 0)
        {
            SocketCalls.ResetWhenClosed(transport.Descriptor);
        }

        Fail(transport, 0);
    }

    /// <summary>Closes once all output is on its way; with <paramref name="drain"/> it reads on, and forgets, until the peer closes.</summary>
    internal void CloseWhenWritten(Transport transport, bool drain)
    {
        if ((_state & (SocketState.Closed | SocketState.Closing)) == 0)
        {
            _state |= SocketState.Closing;
            if (drain)
            {
                transport.Input.Socket.Discard();
            }

            QueueFlush(transport);
        }
    }

    /// <summary>Closes the descriptor; the handler hears of it when the event at hand is done.</summary>
    /// <param name="transport">Whose part this is.</param>
    /// <param name="error">The errno of what ended the connection, or 0.</param>
    internal void Fail(Transport transport, int error)
    {
        if (IsClosed)
        {
            return;
        }

        _state |= SocketState.Closed;
        transport.Output.Socket.Error = error;
        transport.Output.Drop(transport);
        if (transport.Descriptor >= 0)
        {
            transport.Loop.Poller.Forget(transport);
            _ = LibC.close(transport.Descriptor);
            transport.Descriptor = -1;
            transport.Loop.WaitingConnects.OnDescriptorClosed();
        }

        QueueFlush(transport);
    }

    private void FinishConnect(Transport transport, uint events)
    {
        int error = SocketCalls.TakeError(transport.Descriptor);
        if (error != 0)
        {
            Fail(transport, error);
            return;
        }

        if ((events & Constants.EPOLLOUT) == 0)
        {
            return;
        }

        _state = (_state & ~SocketState.Connecting) | SocketState.Open;
        if ((events & (Constants.EPOLLIN | Constants.EPOLLRDHUP)) != 0)
        {
            transport.Input.ReadSoon(transport);
        }

        if (transport.Layer is { } layer)
        {
            layer.Connect();
        }
        else
        {
            transport.Front.OnConnected();
        }
    }

    /// <summary>All output is on its way, and something was asked for that moment.</summary>
    private void EndOutput(Transport transport)
    {
        ref var output = ref transport.Output.Socket;
        ref var input = ref transport.Input.Socket;
        if (output.EndIsAsked && IsOpen)
        {
            output.End(transport.Descriptor);
        }

        if (!IsClosing || IsClosed)
        {
            return;
        }

        // Not at the peer's shutdown, but at the end of what it sent: with bytes unread, close(2) would reset.
        if (!input.IsDiscarding || input.HasEnded || output.HasFailed || !IsConnected)
        {
            Fail(transport, output.Error);
        }
        else if ((_state & SocketState.Draining) == 0)
        {
            // Only once: later flushes find nothing to do.
            _state |= SocketState.Draining;
            output.End(transport.Descriptor);
            // From now on, and not from the call: a slow reader gets all the time that the owner's timer gives it.
            transport.Arm(DrainMilliseconds);
            input.DropKept();
            transport.Input.Resume(transport);
        }
    }
}
