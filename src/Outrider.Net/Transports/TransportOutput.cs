using Outrider.Net.Buffers;
using Outrider.Net.Sockets;

namespace Outrider.Net.Transports;

/// <summary>
/// How one transport is written to: small pieces gather, large ones leave at once, all in order, through a stage and through TLS where there
/// are such; and what follows when the kernel takes no more, or fails. A field of the transport, which every call names; never copied.
/// Only the loop's thread touches it.
/// </summary>
internal struct TransportOutput
{
    // From here on, handing the bytes to the kernel at once beats copying them next to what waits (measured: 64 KiB bodies).
    private const int LargeWrite = 8 * 1024;

    /// <summary>What the socket has yet to send.</summary>
    internal SocketOutput Socket;

    /// <summary>Bytes written but not yet taken by the kernel.</summary>
    internal readonly int Pending(Transport transport) => (transport.Layer?.GatheredLength ?? 0) + Socket.Length + (transport.Stage?.PendingOutput ?? 0);

    /// <summary>Writes, through the stage where there is one.</summary>
    internal void Write(Transport transport, ReadOnlySpan<byte> data)
    {
        if (transport.IsClosed || transport.IsClosing || Socket.IsClosed || data.IsEmpty)
        {
            return;
        }

        if (transport.Stage is { } stage)
        {
            stage.Write(data);
            transport.QueueFlush();
        }
        else
        {
            WriteThrough(transport, data);
        }
    }

    /// <summary>Writes what has passed the stage.</summary>
    internal void WriteThrough(Transport transport, ReadOnlySpan<byte> data)
    {
        if (transport.IsClosed || Socket.IsOver)
        {
            return;
        }

        if (data.IsEmpty)
        {
            // Only what waits for this stage goes on: an end, or a close.
        }
        else if (transport.Layer is { } layer)
        {
            layer.Write(data);
            if (data.Length >= LargeWrite && MaySend(transport) && !Socket.IsEmpty)
            {
                // As for plain text: what is large leaves at once, with what is before it.
                SendQueue(transport);
            }
        }
        else
        {
            if (data.Length >= LargeWrite && MaySend(transport))
            {
                Send(transport, ref data);
            }

            Socket.Append(data, transport.Loop.Segments);
        }

        transport.QueueFlush();
    }

    /// <summary>Sends what waits in a pipe, in plain text, while nothing else waits. Returns how many bytes the kernel has taken.</summary>
    /// <param name="transport">Whose part this is.</param>
    /// <param name="pipe">The pipe.</param>
    /// <param name="isRefused">This socket cannot take from a pipe.</param>
    internal long Send(Transport transport, KernelPipe pipe, out bool isRefused)
    {
        isRefused = false;
        if (!MaySend(transport) || transport.IsClosed || Socket.IsOver)
        {
            return 0;
        }

        AfterSend(transport, Socket.Send(transport.Descriptor, pipe, out long sent, out isRefused));
        if (Socket.IsBlocked)
        {
            // So that the handler hears of it.
            transport.QueueFlush();
        }

        return sent;
    }

    /// <summary>What TLS has made of it joins the queue.</summary>
    internal void AppendCiphertext(Transport transport, ReadOnlySpan<byte> data)
    {
        if (!transport.IsClosed && !Socket.IsOver)
        {
            Socket.Append(data, transport.Loop.Segments);
            transport.QueueFlush();
        }
    }

    /// <summary>Hands what waits to the kernel now.</summary>
    internal void SendNow(Transport transport)
    {
        transport.Stage?.Flush(last: false);
        transport.Layer?.Flush(last: false);
        SendWaiting(transport);
    }

    /// <summary>Memory at the end of the queue to write into.</summary>
    internal Span<byte> GetSpan(Transport transport, int size)
        => transport.Stage is { } stage ? stage.GetSpan(size)
            : transport.Layer is { } layer ? layer.GetSpan(size)
            : Socket.GetSpan(size, transport.Loop.Segments);

    /// <summary>So much of it was used.</summary>
    internal void Advance(Transport transport, int count)
    {
        if (transport.IsClosed || transport.IsClosing || Socket.IsClosed)
        {
            // What was filled in is forgotten by not counting it; what was written before still goes out.
            if (transport.IsClosed || Socket.IsOver)
            {
                Drop(transport);
            }

            return;
        }

        if (transport.Stage is { } stage)
        {
            stage.Advance(count);
        }
        else if (transport.Layer is { } layer)
        {
            layer.Advance(count);
        }
        else
        {
            Socket.Advance(count);
        }

        transport.QueueFlush();
    }

    /// <summary>The event at hand is done: what was held back for it goes out. With <paramref name="last"/> nothing will follow.</summary>
    internal void Flush(Transport transport, bool last)
    {
        transport.Stage?.Flush(last);
        transport.Layer?.Flush(last && transport.Stage is not { HoldsOutput: true });
        SendWaiting(transport);
        // The owner hears now, and not from within its call, that the kernel takes no more.
        if (Socket.TakeBlockedNews())
        {
            transport.Front.OnWriteBlocked();
        }
    }

    /// <summary>epoll told that the kernel takes output again.</summary>
    internal void Unblock(Transport transport)
    {
        Socket.Unblock();
        if (!Socket.IsEmpty)
        {
            SendQueue(transport);
        }

        if (transport.IsClosed)
        {
            return;
        }

        if (Socket.IsBlocked)
        {
            transport.Front.OnWriteProgress();
            return;
        }

        bool told = Socket.TakeWrittenNews();
        if (transport.IsClosing || Socket.EndIsAsked)
        {
            transport.QueueFlush();
        }

        if (told && !transport.IsClosing)
        {
            transport.Front.OnWritten();
        }
    }

    /// <summary>Forgets all output that has not left.</summary>
    internal void Drop(Transport transport)
    {
        transport.Layer?.DropGathered();
        Socket.Drop(transport.Loop.Segments);
    }

    private readonly bool MaySend(Transport transport) => transport.Life.IsConnected && !Socket.IsBlocked;

    private void SendWaiting(Transport transport)
    {
        if (MaySend(transport) && !Socket.IsEmpty)
        {
            SendQueue(transport);
        }
    }

    private void SendQueue(Transport transport)
    {
        ReadOnlySpan<byte> nothing = default;
        Send(transport, ref nothing);
    }

    /// <summary>Sends what waits and then <paramref name="data"/>, and leaves the part of it that the kernel did not take.</summary>
    private void Send(Transport transport, ref ReadOnlySpan<byte> data) => AfterSend(transport, Socket.Send(transport.Descriptor, transport.Loop.Segments, ref data));

    private void AfterSend(Transport transport, int error)
    {
        if (Socket.NeedsWatch())
        {
            transport.Loop.Poller.WaitForOutputToo(transport);
        }
        else if (error != 0)
        {
            Fail(transport, error);
        }
    }

    private void Fail(Transport transport, int error)
    {
        Drop(transport);
        Socket.Error = error;
        if (!transport.Front.ReadsAfterWriteFailure)
        {
            transport.Life.Fail(transport, error);
            return;
        }

        transport.Input.Socket.MakeReady();
        if (!transport.Input.Socket.IsPaused)
        {
            transport.Input.QueueRead(transport);
        }
    }
}
