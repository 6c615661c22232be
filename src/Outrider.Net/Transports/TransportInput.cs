using Outrider.Net.Interop;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;

namespace Outrider.Net.Transports;

/// <summary>
/// How one transport is read: in turn with others, what its handler left before anything newer, and nothing while it is paused. A field of
/// the transport, which every call names; never copied. Only the loop's thread touches it.
/// </summary>
/// <remarks>The pointers here are to the loop's receive buffer, which is lent to whoever reads for the length of a call.</remarks>
internal unsafe struct TransportInput
{
    // Reads in a row from one connection before others get their turn: 1 MiB.
    private const int MaxReadsInARow = 16;

    /// <summary>What is known of the socket's receiving side.</summary>
    internal SocketInput Socket;

    /// <summary>Does input wait that the handler left, or that was not read because reading is paused?</summary>
    internal readonly bool HasUnread(Transport transport) => Socket.HasSomething || transport.Stage is { HasInput: true } || transport.Layer is { IsStopped: true };

    /// <summary>Goes on reading, when the event at hand is done.</summary>
    internal void Resume(Transport transport)
    {
        if (Socket.Resume())
        {
            QueueReadIfAny(transport);
        }
    }

    /// <summary>Receives nothing, whatever the handler asks for, until it is called with false.</summary>
    internal void Hold(Transport transport, bool on)
    {
        if (Socket.Hold(on))
        {
            QueueReadIfAny(transport);
        }
    }

    /// <summary>From now on what arrives is shown and left where it is; with false it is received.</summary>
    internal void Peek(Transport transport, bool on)
    {
        Socket.Peek(on);
        if (!on)
        {
            ReadSoon(transport);
        }
    }

    /// <summary>From now on what arrives stays in the kernel, and the handler is told of it; with false it is received again.</summary>
    internal void Leave(Transport transport, bool on)
    {
        Socket.Leave(on);
        if (!on && !transport.IsClosed && !Socket.HasEnded)
        {
            ReadSoon(transport);
        }
    }

    /// <summary>There may be something to read though no event said so: the transport gets a turn.</summary>
    internal void ReadSoon(Transport transport)
    {
        Socket.MakeReady();
        QueueRead(transport);
    }

    /// <summary>Takes that many bytes, which were peeked at, out of the connection.</summary>
    internal static void Skip(Transport transport, int count)
    {
        nint taken = 1;
        for (; count > 0 && taken > 0; count -= (int)taken)
        {
            taken = LibC.recv(transport.Descriptor, transport.Loop.ReceiveBuffer, Math.Min(count, EventLoop.ReceiveBufferSize), 0);
        }
    }

    /// <summary>Asks the kernel whether the peer is still there and silent.</summary>
    internal readonly bool IsQuiet(Transport transport)
    {
        if (!transport.IsOpen || Socket.IsPeerShutdown || Socket.IsReady || transport.Layer is { IsHandshaking: true } or { IsStopped: true })
        {
            return false;
        }

        byte one;
        return LibC.recv(transport.Descriptor, &one, 1, Constants.MSG_PEEK | Constants.MSG_DONTWAIT) < 0 && LibC.Error == Constants.EAGAIN;
    }

    /// <summary>Is what the handler left to be given to it again? Not when the connection ends.</summary>
    /// <exception cref="InvalidOperationException">It left bytes without having paused.</exception>
    internal readonly bool KeepsUnread(Transport transport, int count)
        => !transport.IsClosed && !transport.IsClosing
            && (Socket.IsPaused ? true : throw new InvalidOperationException($"{transport.Front.GetType().Name} left {count} bytes without pausing"));

    /// <summary>epoll told of input, of its end, or of an error.</summary>
    internal void OnEvents(Transport transport, uint events)
    {
        if (Socket.HasEnded)
        {
            // Nothing is left to read, so this is the other half: a reset, or the end of both directions.
            if ((events & (Constants.EPOLLERR | Constants.EPOLLHUP)) != 0)
            {
                transport.Life.Fail(transport, SocketCalls.TakeError(transport.Descriptor));
            }

            return;
        }

        Socket.Arrived(events);
        if (!Socket.IsPaused)
        {
            ReceiveInOrder(transport);
        }
        else if ((events & Constants.EPOLLERR) != 0)
        {
            transport.Front.OnPeerReset();
        }
        else if (Socket.IsPeerShutdown)
        {
            transport.Front.OnPeerShutdown();
        }
    }

    /// <summary>The transport's turn, when there may be input that no event will tell of again.</summary>
    internal void TakeTurn(Transport transport)
    {
        Socket.TakeTurn();
        if (transport.Stage is { HasInput: true } stage && !transport.IsClosed && (!Socket.IsPaused || Socket.HasEnded))
        {
            stage.GoOn();
            transport.Loop.RunFlushes();
        }

        if (transport.Layer is { IsStopped: true } layer && MayRead(transport))
        {
            layer.Resume();
            transport.Loop.RunFlushes();
        }

        if (Socket.HasKept && MayRead(transport))
        {
            DeliverKept(transport);
            transport.Loop.RunFlushes();
        }

        if (MayRead(transport) && Socket.IsReady)
        {
            ReceiveInOrder(transport);
        }
    }

    private readonly bool MayRead(Transport transport) => !Socket.IsPaused && !transport.IsClosed;

    // What a handler left comes before anything newer: resumed a moment ago, it may still wait for its turn in TakeTurn.
    private void ReceiveInOrder(Transport transport)
    {
        if (Socket.HasKept)
        {
            QueueRead(transport);
        }
        else
        {
            Receive(transport);
        }
    }

    private void Receive(Transport transport)
    {
        byte* buffer = transport.Loop.ReceiveBuffer;
        for (int i = 0; i < MaxReadsInARow; i++)
        {
            if (Socket.IsLeft && !Socket.IsDiscarding)
            {
                transport.Front.OnReadable();
                return;
            }

            int size = Socket.IsPeeking ? EventLoop.ReceiveBufferSize : Math.Min(transport.Front.ReadSize, EventLoop.ReceiveBufferSize);
            nint count = Socket.Receive(transport.Descriptor, buffer, size);
            if (count <= 0)
            {
                EndOfReceive(transport, isEnd: count == 0, count == 0 ? 0 : LibC.Error);
                return;
            }

            if (Socket.IsPeeking)
            {
                Socket.Emptied();
                transport.Front.OnPeeked(new ReadOnlySpan<byte>(buffer, (int)count), Socket.IsPeerShutdown);
                return;
            }

            if (!Socket.IsDiscarding)
            {
                var data = new ReadOnlySpan<byte>(buffer, (int)count);
                int used = Deliver(transport, data);
                if (used < data.Length && KeepsUnread(transport, data.Length - used))
                {
                    Socket.Keep(data[used..]);
                }
            }

            if (!Socket.IsReady || !MayRead(transport))
            {
                return;
            }

            // What was written from these bytes goes out before more are read: the writer may have to stop us.
            transport.Loop.RunFlushes();
            if (!MayRead(transport))
            {
                return;
            }
        }

        QueueRead(transport);
    }

    private static int Deliver(Transport transport, ReadOnlySpan<byte> data) => transport.Layer is { } layer ? layer.Receive(data) : transport.Front.OnReceived(data);

    private void DeliverKept(Transport transport)
    {
        while (Socket.HasKept && MayRead(transport) && !transport.IsClosing)
        {
            int used = Deliver(transport, Socket.Kept);
            if (!Socket.HasKept)
            {
                return;
            }

            Socket.UseKept(used);
            if (Socket.HasKept)
            {
                _ = KeepsUnread(transport, Socket.KeptLength);
            }
        }
    }

    /// <summary>A read brought nothing: the end, an empty socket, or an error.</summary>
    /// <param name="transport">Whose part this is.</param>
    /// <param name="isEnd">The peer will send no more.</param>
    /// <param name="error">Otherwise: the errno.</param>
    internal void EndOfReceive(Transport transport, bool isEnd, int error)
    {
        if (isEnd)
        {
            Socket.End();
            if (Socket.IsDiscarding)
            {
                transport.Life.Fail(transport, 0);
            }
            else if (transport.Layer is { } layer)
            {
                layer.EndOfInput();
            }
            else
            {
                transport.Front.OnEndOfInput();
            }
        }
        else if (error == Constants.EAGAIN && !transport.HasWriteFailed)
        {
            Socket.Emptied();
        }
        else if (error == Constants.EINTR)
        {
            QueueRead(transport);
        }
        else
        {
            transport.Life.Fail(transport, error == Constants.EAGAIN ? transport.Output.Socket.Error : error);
        }
    }

    private void QueueReadIfAny(Transport transport)
    {
        if (Socket.IsReady || Socket.HasKept || transport.Layer is { IsStopped: true } || transport.Stage is { HasInput: true })
        {
            QueueRead(transport);
        }
    }

    /// <summary>There may be input that no event will tell of: the transport's turn is to come.</summary>
    internal void QueueRead(Transport transport)
    {
        if (Socket.AskTurn())
        {
            transport.Loop.ReadLater(transport);
        }
    }
}
