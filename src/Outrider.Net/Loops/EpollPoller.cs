using System.ComponentModel;
using System.Runtime.InteropServices;
using Outrider.Net.Interop;

namespace Outrider.Net.Loops;

/// <summary>
/// epoll, edge-triggered: a descriptor is registered once for its life, and never again however its interest changes,
/// which saves two system calls a request against a level-triggered loop. Owns the epoll descriptor, the event array and
/// the table of handles; used by its loop's thread only.
/// </summary>
internal sealed unsafe class EpollPoller : IDisposable
{
    private const int BatchSize = 512;

    // What later looks may add to a batch; then it is enough for one turn.
    private const int MaxTurn = 2 * BatchSize;

    // Who has to know what has come, and cannot wait for the next turn, finds room for as much again.
    private const int MaxEvents = 2 * MaxTurn;

    // The generation's highest bit, which an event brings along: its handle is worth a look before others (LoopHandle.IsServedFirst).
    private const uint MayBeFirst = 1u << 31;

    private readonly int _epoll;
    private readonly byte* _events;
    private readonly HandleTable _handles = new();
    private uint _generation;

    internal EpollPoller()
    {
        _epoll = LibC.epoll_create1(Constants.EPOLL_CLOEXEC);
        if (_epoll < 0)
        {
            throw new Win32Exception(LibC.Error);
        }

        _events = (byte*)NativeMemory.AllocZeroed((nuint)(MaxEvents * EpollEvent.Size));
    }

    /// <summary>Waits for events on the handle's descriptor from now on. Returns 0 or an errno.</summary>
    /// <param name="handle">Whose descriptor.</param>
    /// <param name="events">epoll's.</param>
    /// <param name="mayBeFirst">Can <see cref="LoopHandle.IsServedFirst"/> ever be true?</param>
    internal int Add(LoopHandle handle, uint events, bool mayBeFirst = false)
    {
        int fd = handle.Descriptor;
        _generation = (_generation + 1) & ~MayBeFirst;
        handle.Generation = _generation | (mayBeFirst ? MayBeFirst : 0);
        _handles.Set(fd, handle);
        EpollEvent change;
        EpollEvent.Write(&change, events, (ulong)handle.Generation << 32 | (uint)fd);
        if (LibC.epoll_ctl(_epoll, Constants.EPOLL_CTL_ADD, fd, &change) == 0)
        {
            return 0;
        }

        int error = LibC.Error;
        _handles.Remove(handle);
        return error;
    }

    /// <summary>From now on also tells when the handle can be written to. For a connection, once in its life.</summary>
    internal void WaitForOutputToo(LoopHandle handle)
    {
        EpollEvent change;
        EpollEvent.Write(
            &change,
            Constants.EPOLLIN | Constants.EPOLLOUT | Constants.EPOLLRDHUP | Constants.EPOLLET,
            (ulong)handle.Generation << 32 | (uint)handle.Descriptor);
        _ = LibC.epoll_ctl(_epoll, Constants.EPOLL_CTL_MOD, handle.Descriptor, &change);
    }

    /// <summary>Stops waiting, for a descriptor that stays open.</summary>
    internal void Remove(LoopHandle handle)
    {
        EpollEvent change;
        _ = LibC.epoll_ctl(_epoll, Constants.EPOLL_CTL_DEL, handle.Descriptor, &change);
        Forget(handle);
    }

    /// <summary>The descriptor is about to be closed, which takes it out of epoll by itself.</summary>
    internal void Forget(LoopHandle handle) => _handles.Remove(handle);

    /// <summary>What is registered under that descriptor, or null.</summary>
    internal LoopHandle? At(int descriptor) => _handles[descriptor];

    /// <summary>No descriptor from here on is registered.</summary>
    internal int Capacity => _handles.Capacity;

    /// <summary>Waits up to <paramref name="timeoutMilliseconds"/> (−1: for ever) and returns how many events there are to <see cref="Take"/>.</summary>
    internal int Wait(int timeoutMilliseconds)
    {
        int count = LibC.epoll_wait(_epoll, (EpollEvent*)_events, BatchSize, timeoutMilliseconds);
        if (count >= 0)
        {
            return count;
        }

        int error = LibC.Error;
        return error == Constants.EINTR ? 0 : throw new Win32Exception(error);
    }

    /// <summary>Looks, without waiting, what has happened since: adds it behind the <paramref name="count"/> events of this batch, and returns how many there are now; −1 when there is no room for more.</summary>
    /// <param name="count">Events of this batch.</param>
    /// <param name="mustKnow">Look even when there are enough for one turn.</param>
    internal int LookAgain(int count, bool mustKnow)
    {
        int room = Math.Min(BatchSize, (mustKnow ? MaxEvents : MaxTurn) - count);
        if (room <= 0)
        {
            return -1;
        }

        int more = LibC.epoll_wait(_epoll, (EpollEvent*)(_events + count * EpollEvent.Size), room, 0);
        return count + Math.Max(more, 0);
    }

    /// <summary>Event <paramref name="index"/> has been served before its turn.</summary>
    internal void Drop(int index) => EpollEvent.Write((EpollEvent*)(_events + index * EpollEvent.Size), 0, 0);

    /// <summary>Can the handle of event <paramref name="index"/> be one that is served before others? Without a look at the handle.</summary>
    internal bool MayServeFirst(int index) => (EpollEvent.Data(_events + index * EpollEvent.Size) >> 32 & MayBeFirst) != 0;

    /// <summary>Whose event <paramref name="index"/> of the batch is, or was; null when nobody has its descriptor. Without a look at the handle.</summary>
    internal LoopHandle? Whose(int index) => _handles[(int)(uint)EpollEvent.Data(_events + index * EpollEvent.Size)];

    /// <summary>Event <paramref name="index"/> of the batch; null when its handle has gone in the meantime.</summary>
    internal LoopHandle? Take(int index, out uint events)
    {
        byte* slot = _events + index * EpollEvent.Size;
        events = EpollEvent.Events(slot);
        ulong data = EpollEvent.Data(slot);
        var handle = _handles[(int)(uint)data];
        return handle is not null && handle.Generation == (uint)(data >> 32) ? handle : null;
    }

    public void Dispose()
    {
        _ = LibC.close(_epoll);
        NativeMemory.Free(_events);
    }
}
