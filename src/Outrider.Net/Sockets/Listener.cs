using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Outrider.Net.Interop;

namespace Outrider.Net;

/// <summary>
/// A listening socket on one loop. Loops that share a port each have one of these with <c>SO_REUSEPORT</c>; the kernel
/// spreads connections over them.
/// </summary>
public sealed unsafe class Listener : LoopHandle
{
    // So that a flood of new connections does not keep a loop from those it has; level-triggered, the rest is told of again.
    private const int MostAcceptsAtOnce = 64;

    // How long to leave new connections in the kernel's queue when the process is out of descriptors.
    private const int PauseMilliseconds = 100;

    private readonly EventLoop _loop;
    private readonly Func<EventLoop, PeerAddress, Connection> _connectionFactory;
    private readonly Action<int>? _acceptFailed;
    private bool _paused;

    private Listener(EventLoop loop, int fd, Func<EventLoop, PeerAddress, Connection> connectionFactory, Action<int>? acceptFailed)
    {
        _loop = loop;
        Descriptor = fd;
        _connectionFactory = connectionFactory;
        _acceptFailed = acceptFailed;
    }

    /// <summary>
    /// Opens listening sockets on an address, one for each loop. Nothing is accepted before <see cref="Start"/>.
    /// </summary>
    /// <exception cref="SocketException">The address is taken, is not this machine's, or may not be used.</exception>
    public static ListenerSockets Bind(EndPoint endPoint, int loops, int backlog = 4096)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        try
        {
            return ListenerSockets.Open(endPoint, loops, backlog);
        }
        catch (Win32Exception e)
        {
            throw new SocketException(e.NativeErrorCode, e.Message);
        }
    }

    /// <summary>Starts to accept on a loop. On that loop's thread.</summary>
    /// <param name="loop">The loop that will own the connections.</param>
    /// <param name="descriptor">A socket of <see cref="ListenerSockets"/>; the listener does not own it.</param>
    /// <param name="connectionFactory">Makes the connection for a peer, on the loop.</param>
    /// <param name="acceptFailed">Told the errno when accepting fails, at most once in 100 ms.</param>
    public static Listener Start(EventLoop loop, int descriptor, Func<EventLoop, PeerAddress, Connection> connectionFactory, Action<int>? acceptFailed = null)
    {
        ArgumentNullException.ThrowIfNull(loop);
        var listener = new Listener(loop, descriptor, connectionFactory, acceptFailed);
        _ = loop.Poller.Add(listener, Constants.EPOLLIN);
        return listener;
    }

    /// <summary>Takes what the kernel has queued, then stops accepting. On the loop. The socket stays open: its owner closes it.</summary>
    public void Stop()
    {
        if (Descriptor < 0)
        {
            return;
        }

        if (!_paused)
        {
            AcceptUpTo(int.MaxValue);
            _loop.Poller.Remove(this);
        }

        _loop.Remove(this);
        Descriptor = -1;
    }

    internal override void OnEvents(uint events) => AcceptUpTo(MostAcceptsAtOnce);

    /// <inheritdoc/>
    protected internal override void OnTimer()
    {
        _paused = false;
        _ = _loop.Poller.Add(this, Constants.EPOLLIN);
    }

    private void AcceptUpTo(int most)
    {
        byte* address = stackalloc byte[SocketCalls.MaxAddressSize];
        for (int i = 0; i < most; i++)
        {
            uint length = SocketCalls.MaxAddressSize;
            int fd = LibC.accept4(Descriptor, address, &length, Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC);
            if (fd >= 0)
            {
                var peer = PeerAddress.FromNative(new ReadOnlySpan<byte>(address, (int)Math.Min(length, SocketCalls.MaxAddressSize)));
                _connectionFactory(_loop, peer).Accepted(fd);
                continue;
            }

            int error = LibC.Error;
            switch (error)
            {
                case Constants.EAGAIN:
                    return;
                case Constants.EINTR:
                case Constants.ECONNABORTED:
                    continue;
                default:
                    // Out of descriptors or memory: level-triggered, epoll would report the queue again at once and for ever.
                    _loop.Poller.Remove(this);
                    _paused = true;
                    _loop.Arm(this, PauseMilliseconds);
                    _acceptFailed?.Invoke(error);
                    return;
            }
        }
    }
}
