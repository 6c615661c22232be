using Outrider.Net.Interop;

namespace Outrider.Net;

/// <content>
/// From the output queue to the kernel, and what follows when that takes no more. The pointers here are to segments of the
/// queue and to the caller's bytes, for the length of a system call.
/// </content>
public abstract unsafe partial class Connection
{
    private const int MostVectors = 16;

    /// <summary>When the peer no longer takes what is written: is it still worth reading what it sent? An upstream's early answer is; default false.</summary>
    protected virtual bool ReadsAfterWriteFailure => false;

    /// <summary>Starts to watch whether anything is sent (<see cref="HasSent"/>).</summary>
    protected void ForgetSent() => _flags &= ~Flags.HasSent;

    /// <summary>
    /// Hands what waits to the kernel now, and not only when the event at hand is done: for whoever would otherwise gather without
    /// bound during one event. Afterwards <see cref="IsWriteBlocked"/> says whether it was taken.
    /// </summary>
    public void SendNow()
    {
        _tls?.Flush(last: false);
        if (MaySend && !_output.IsEmpty)
        {
            _ = SendQueueAnd(default);
        }
    }

    /// <summary>The event at hand is done: sends what it wrote. The codec hears now, and not from within its call, that the kernel takes no more.</summary>
    private void FlushOutput()
    {
        _tls?.Flush(last: (_flags & (Flags.CloseWhenWritten | Flags.ShutdownWhenWritten)) != 0);
        if (MaySend && !_output.IsEmpty)
        {
            _ = SendQueueAnd(default);
        }

        if ((_flags & (Flags.WriteBlocked | Flags.BlockedTold)) == Flags.WriteBlocked)
        {
            _flags |= Flags.BlockedTold;
            OnWriteBlocked();
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

    /// <summary>The kernel takes output again.</summary>
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
}
