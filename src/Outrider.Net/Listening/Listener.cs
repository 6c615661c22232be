using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Outrider.Net.Addresses;
using Outrider.Net.Descriptors;
using Outrider.Net.Interop;
using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Net.Listening;

/// <summary>
/// A listening socket on one loop. Loops that share a port each have one of these with <c>SO_REUSEPORT</c>; the kernel
/// spreads connections over them. While no connection may be taken, they wait in the kernel's queue and the loop is left alone.
/// </summary>
public sealed unsafe class Listener : LoopHandle
{
    // So that a flood of new connections does not keep a loop from those it has; level-triggered, the rest is told of again.
    private const int MaxAcceptsAtOnce = 64;

    // What the kernel's queue holds at most when nobody asks for another size: what comes after that came after the end.
    private const int MaxAcceptsAtStop = 4096;

    // How long to leave new connections in the kernel's queue when none may be taken.
    private const int PauseMilliseconds = 50;

    private readonly EventLoop _loop;
    private readonly Action<Transport> _accepted;
    private readonly Action<int>? _acceptFailed;
    private readonly IAcceptGate? _gate;
    private readonly DescriptorReserve? _reserve;
    private bool _paused;

    // The last descriptor was one too many: look before the next.
    private bool _isShort;

    private Listener(EventLoop loop, int fd, Action<Transport> accepted, Action<int>? acceptFailed, IAcceptGate? gate, DescriptorReserve? reserve)
    {
        _reserve = reserve;
        _loop = loop;
        Descriptor = fd;
        _accepted = accepted;
        _acceptFailed = acceptFailed;
        _gate = gate;
    }

    /// <summary>
    /// Opens listening sockets on an address, one for each loop. Nothing is accepted before <see cref="Start"/>.
    /// </summary>
    /// <param name="endPoint">Where to listen.</param>
    /// <param name="loops">How many loops there are.</param>
    /// <param name="backlog">How many connections the kernel keeps for each.</param>
    /// <param name="transparent">Take connections to any address that the system sends here (IP_TRANSPARENT, for TPROXY), for which the process needs CAP_NET_ADMIN.</param>
    /// <exception cref="SocketException">The address is taken, is not this machine's, or may not be used.</exception>
    public static ListenerSockets Bind(EndPoint endPoint, int loops, int backlog = 4096, bool transparent = false)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        try
        {
            return ListenerSockets.Open(endPoint, loops, backlog, transparent);
        }
        catch (Win32Exception e)
        {
            throw new SocketException(e.NativeErrorCode, e.Message);
        }
    }

    /// <summary>Starts to accept on a loop. On that loop's thread.</summary>
    /// <param name="loop">The loop that will own the connections.</param>
    /// <param name="descriptor">A socket of <see cref="ListenerSockets"/>; the listener does not own it.</param>
    /// <param name="accepted">Gives each connection its handler, on the loop, before anything is read. When it throws, that peer's connection closes and <see cref="EventLoop.UnhandledException"/> is told.</param>
    /// <param name="acceptFailed">Told the errno when accepting, or waiting for connections, fails; at most once in 50 ms.</param>
    /// <param name="gate">Limits the connections; null for the descriptors' limit alone.</param>
    /// <param name="reserve">Descriptors to take connections with when there are no others: this listener heeds no limit of descriptors. Its owner fills it again when a connection has closed. Null for none.</param>
    public static Listener Start(EventLoop loop, int descriptor, Action<Transport> accepted, Action<int>? acceptFailed = null, IAcceptGate? gate = null, DescriptorReserve? reserve = null)
    {
        ArgumentNullException.ThrowIfNull(loop);
        var listener = new Listener(loop, descriptor, accepted, acceptFailed, gate, reserve);
        listener.Register();
        return listener;
    }

    /// <summary>Takes what the kernel has queued, 4096 connections at most and no more than may be taken, then stops accepting. On the loop. The socket stays open: its owner closes it.</summary>
    public void Stop()
    {
        if (Descriptor >= 0)
        {
            AcceptUpTo(MaxAcceptsAtStop);
            Leave();
        }
    }

    /// <summary>Stops accepting at once; what is queued waits for somebody else who listens on the socket. On the loop.</summary>
    public void Leave()
    {
        if (Descriptor < 0)
        {
            return;
        }

        if (!_paused)
        {
            _loop.Poller.Remove(this);
        }

        _loop.Remove(this);
        Descriptor = -1;
    }

    /// <summary>A connection of this loop has closed: whoever waits may have its place. On the loop.</summary>
    public void OnConnectionClosed()
    {
        if (_paused && Descriptor >= 0)
        {
            // Not at once: when many close, they are told of one after the other.
            _loop.Arm(this, 0);
        }
    }

    internal override void OnEvents(uint events) => AcceptUpTo(MaxAcceptsAtOnce);

    /// <inheritdoc/>
    protected internal override void OnTimer()
    {
        if (_paused && Descriptor >= 0)
        {
            Register();
        }
    }

    private void Register()
    {
        int error = _loop.Poller.Add(this, Constants.EPOLLIN);
        _paused = error != 0;
        if (error != 0)
        {
            // The kernel is out of memory, or the user out of watches (max_user_watches, epoll(7)): that may pass.
            _loop.Arm(this, PauseMilliseconds);
            _acceptFailed?.Invoke(error);
        }
    }

    private void Pause()
    {
        // Level-triggered, epoll would report the queue again at once and for ever.
        if (!_paused)
        {
            _loop.Poller.Remove(this);
            _paused = true;
        }

        _loop.Arm(this, PauseMilliseconds);
    }

    private void AcceptUpTo(int most)
    {
        byte* address = stackalloc byte[SocketCalls.MaxAddressSize];
        bool isReserved = false;
        for (int i = 0; i < most; i++)
        {
            if (!MayAccept(isKnown: i == 0))
            {
                return;
            }

            uint length = SocketCalls.MaxAddressSize;
            int fd = LibC.accept4(Descriptor, address, &length, Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC);
            if (fd >= 0)
            {
                if (isReserved)
                {
                    most = 0;
                }

                Serve(fd, PeerAddress.FromNative(new ReadOnlySpan<byte>(address, (int)Math.Min(length, SocketCalls.MaxAddressSize))));
                _isShort = fd >= DescriptorBudget.Process.AcceptCeiling;
                continue;
            }

            int error = LibC.Error;
            _gate?.Leave();
            switch (error)
            {
                case Constants.EAGAIN:
                    if (isReserved)
                    {
                        _reserve!.Fill();
                    }

                    return;
                case Constants.EINTR:
                case Constants.ECONNABORTED:
                    continue;
                case Constants.EMFILE when !isReserved && _reserve?.Release() == true:
                    // For one: without a descriptor the kernel does not even look whether another one waits. The next event tells.
                    isReserved = true;
                    continue;
                default:
                    // Out of descriptors or memory.
                    Pause();
                    _gate?.OnWaiting(descriptors: true);
                    _acceptFailed?.Invoke(error);
                    return;
            }
        }
    }

    /// <param name="isKnown">An event has told that somebody waits. Otherwise the queue may be empty: the next event tells.</param>
    private bool MayAccept(bool isKnown)
    {
        bool isShort = _reserve is null && (!_loop.WaitingConnects.IsEmpty || (_isShort && DescriptorBudget.Process.IsShort()));
        _isShort = isShort;
        if (!isShort && (_gate is null || _gate.TryEnter()))
        {
            return true;
        }

        if (isKnown)
        {
            if (isShort)
            {
                _loop.Pipes.CloseFree();
            }

            Pause();
            _gate?.OnWaiting(isShort);
        }

        return false;
    }

    private void Serve(int fd, PeerAddress peer)
    {
        var transport = new Transport(_loop, fd, peer);
        try
        {
            _accepted(transport);
        }
        catch (Exception e)
        {
            // Nobody owns it yet. The others that wait are not to blame.
            _ = LibC.close(fd);
            _gate?.Leave();
            _loop.Report(e);
            return;
        }

        try
        {
            transport.Begin();
        }
        catch (Exception e)
        {
            _loop.Report(e);
            transport.Close();
        }
    }
}
