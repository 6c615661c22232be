using System.Runtime.CompilerServices;
using Outrider.Net.Buffers;
using Outrider.Net.Interop;

namespace Outrider.Net.Sockets;

/// <summary>
/// What one socket has yet to send, and what is known of how it sends: bytes go to the kernel in the order in which they were
/// written, what the kernel does not take waits in segments of the loop. A field of a transport, never copied; only the
/// loop's thread touches it. The pointers here are to segments of the queue and to the caller's bytes, for the length of a
/// system call.
/// </summary>
internal unsafe struct SocketOutput
{
    private const int MaxVectors = 16;

    private OutputQueue _queue;
    private State _state;

    /// <summary>The errno of a write that failed, or of whatever else ended the connection; 0 for none. Here because it fits beside the state.</summary>
    internal int Error;

    [Flags]
    private enum State : byte
    {
        /// <summary>The kernel takes no more for now.</summary>
        Blocked = 1,

        /// <summary>The handler was told so.</summary>
        BlockedTold = 2,

        /// <summary>A write failed: nothing more will be sent.</summary>
        Failed = 4,

        /// <summary>epoll tells of output too.</summary>
        Watched = 8,

        /// <summary>The kernel has taken something since <see cref="ForgetSent"/>.</summary>
        Sent = 16,

        /// <summary>The peer is to be told, once all output is on its way, that no more will come.</summary>
        EndAsked = 32,

        /// <summary>The peer was told so.</summary>
        Ended = 64,
    }

    /// <summary>Is there nothing that waits?</summary>
    internal readonly bool IsEmpty => _queue.IsEmpty;

    /// <summary>Bytes that wait. Counted each time.</summary>
    internal readonly int Length => _queue.Length;

    /// <summary>Does output wait for the kernel?</summary>
    internal readonly bool IsBlocked => (_state & State.Blocked) != 0;

    /// <summary>Has a write failed, so that nothing more will be sent?</summary>
    internal readonly bool HasFailed => (_state & State.Failed) != 0;

    /// <summary>Has the kernel taken any byte since <see cref="ForgetSent"/>?</summary>
    internal readonly bool HasSent => (_state & State.Sent) != 0;

    /// <summary>Is output to end, or has it ended?</summary>
    internal readonly bool EndIsAsked => (_state & State.EndAsked) != 0;

    /// <summary>Is what is written from here on lost, because a write failed or the peer was told that there is no more?</summary>
    internal readonly bool IsOver => (_state & (State.Failed | State.Ended)) != 0;

    /// <summary>May no more be written?</summary>
    internal readonly bool IsClosed => (_state & (State.Failed | State.Ended | State.EndAsked)) != 0;

    /// <summary>Starts to watch whether anything is sent.</summary>
    internal void ForgetSent() => _state &= ~State.Sent;

    /// <summary>The free end of the queue, at least <paramref name="size"/> bytes. <see cref="Advance"/> says how much was used.</summary>
    internal Span<byte> GetSpan(int size, SegmentPool segments) => _queue.GetSpan(size, segments);

    internal readonly void Advance(int count) => _queue.Advance(count);

    /// <summary>Copies <paramref name="data"/> behind what waits.</summary>
    internal void Append(ReadOnlySpan<byte> data, SegmentPool segments) => _queue.Append(data, segments);

    /// <summary>Forgets what waits.</summary>
    internal void Drop(SegmentPool segments) => _queue.Drop(segments);

    /// <summary>
    /// Sends what waits and then <paramref name="data"/>, which is left with what the kernel did not take. Returns 0, or the errno of
    /// a failure after which nothing more is sent. Where the kernel takes no more, <see cref="IsBlocked"/> is set.
    /// </summary>
    internal int Send(int descriptor, SegmentPool segments, ref ReadOnlySpan<byte> data)
    {
        // Mostly what waits is in one segment, and the kernel takes it.
        if (!data.IsEmpty || !_queue.TryGetOnly(out byte* start, out int length))
        {
            return SendAll(descriptor, segments, ref data);
        }

        nint sent = LibC.send(descriptor, start, length, Constants.MSG_NOSIGNAL);
        if (sent >= 0)
        {
            _state |= sent < length ? State.Sent | State.Blocked : State.Sent;
            _ = _queue.Consume(sent, segments);
            return 0;
        }

        int error = LibC.Error;
        return error == Constants.EINTR ? SendAll(descriptor, segments, ref data) : OnError(error, segments);
    }

    [SkipLocalsInit]
    private int SendAll(int descriptor, SegmentPool segments, ref ReadOnlySpan<byte> data)
    {
        IoVector* vectors = stackalloc IoVector[MaxVectors];
        fixed (byte* dataStart = data)
        {
            int dataOffset = 0;
            while (true)
            {
                int count = _queue.Gather(vectors, MaxVectors, out nint wanted);
                // With a vector left over, the queue is in them as a whole.
                if (count < MaxVectors && dataOffset < data.Length)
                {
                    vectors[count].Base = dataStart + dataOffset;
                    vectors[count].Length = data.Length - dataOffset;
                    wanted += data.Length - dataOffset;
                    count++;
                }

                if (count == 0)
                {
                    data = default;
                    return 0;
                }

                nint sent = Send(descriptor, vectors, count);
                if (sent < 0)
                {
                    int error = LibC.Error;
                    if (error == Constants.EINTR)
                    {
                        continue;
                    }

                    error = OnError(error, segments);
                    data = error == 0 ? data[dataOffset..] : default;
                    return error;
                }

                _state |= State.Sent;
                dataOffset += (int)_queue.Consume(sent, segments);
                if (sent < wanted)
                {
                    _state |= State.Blocked;
                    data = data[dataOffset..];
                    return 0;
                }
            }
        }
    }

    /// <summary>
    /// Sends what waits in a pipe; nothing waits in segments. Returns 0, or the errno of a failure after which nothing more is sent. Where the
    /// kernel takes no more, <see cref="IsBlocked"/> is set.
    /// </summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="pipe">The pipe.</param>
    /// <param name="sent">How many bytes the kernel has taken.</param>
    /// <param name="isRefused">This socket cannot take from a pipe; it has not failed.</param>
    internal int Send(int descriptor, KernelPipe pipe, out long sent, out bool isRefused)
    {
        sent = 0;
        isRefused = false;
        while (pipe.Length > 0)
        {
            nint count = pipe.Drain(descriptor);
            if (count > 0)
            {
                _state |= State.Sent;
                sent += count;
                continue;
            }

            switch (-count)
            {
                case Constants.EINTR:
                    continue;
                case var error when KernelPipe.IsRefusal(error):
                    isRefused = true;
                    return 0;
                default:
                    return OnError(count == 0 ? Constants.EPIPE : -(int)count);
            }
        }

        return 0;
    }

    private int OnError(int error, SegmentPool segments)
    {
        int failure = OnError(error);
        if (failure != 0)
        {
            _queue.Drop(segments);
        }

        return failure;
    }

    // 0 where the kernel only takes no more for now.
    private int OnError(int error)
    {
        if (error is Constants.EAGAIN or Constants.ENOBUFS)
        {
            _state |= State.Blocked;
            return 0;
        }

        _state = (_state | State.Failed) & ~State.Blocked;
        return error;
    }

    /// <summary>epoll has to tell of output from now on. True: it does not yet.</summary>
    internal bool NeedsWatch()
    {
        bool needs = (_state & (State.Blocked | State.Watched)) == State.Blocked;
        _state |= needs ? State.Watched : 0;
        return needs;
    }

    /// <summary>The descriptor is registered for output as well, as one that connects is.</summary>
    internal void IsWatched() => _state |= State.Watched;

    /// <summary>The kernel takes output again, it says.</summary>
    internal void Unblock() => _state &= ~State.Blocked;

    /// <summary>Is it blocked, and is the handler to be told now, once?</summary>
    internal bool TakeBlockedNews()
    {
        bool news = (_state & (State.Blocked | State.BlockedTold)) == State.Blocked;
        _state |= news ? State.BlockedTold : 0;
        return news;
    }

    /// <summary>Is it no longer blocked though the handler was told that it is? Once.</summary>
    internal bool TakeWrittenNews()
    {
        bool news = (_state & (State.Blocked | State.BlockedTold)) == State.BlockedTold;
        _state &= news ? ~State.BlockedTold : (State)0xff;
        return news;
    }

    /// <summary>The peer is to be told, once all output is on its way, that no more will come.</summary>
    internal void AskEnd() => _state |= State.EndAsked;

    /// <summary>Tells the peer that no more will come, once.</summary>
    internal void End(int descriptor)
    {
        if (!IsOver)
        {
            _state |= State.Ended;
            _ = LibC.shutdown(descriptor, Constants.SHUT_WR);
        }
    }

    private static nint Send(int descriptor, IoVector* vectors, int count)
    {
        if (count == 1)
        {
            return LibC.send(descriptor, vectors[0].Base, vectors[0].Length, Constants.MSG_NOSIGNAL);
        }

        MessageHeader message = default;
        message.Vectors = vectors;
        message.VectorCount = count;
        return LibC.sendmsg(descriptor, &message, Constants.MSG_NOSIGNAL);
    }
}
