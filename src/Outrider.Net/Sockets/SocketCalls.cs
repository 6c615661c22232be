using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Outrider.Net.Addresses;
using Outrider.Net.Descriptors;
using Outrider.Net.Interop;

namespace Outrider.Net.Sockets;

/// <summary>Making, binding and naming sockets: the calls that happen once in a connection's life. Descriptors that it returns belong to the caller.</summary>
internal static unsafe class SocketCalls
{
    internal const int MaxAddressSize = 128;

    /// <summary>A non-blocking stream socket for that kind of address.</summary>
    /// <exception cref="Win32Exception">The process or system is out of descriptors or memory.</exception>
    internal static int Create(EndPoint endPoint)
    {
        int family = endPoint.AddressFamily switch
        {
            AddressFamily.InterNetwork => Constants.AF_INET,
            AddressFamily.InterNetworkV6 => Constants.AF_INET6,
            _ => Constants.AF_UNIX,
        };
        int fd = LibC.socket(family, Constants.SOCK_STREAM | Constants.SOCK_NONBLOCK | Constants.SOCK_CLOEXEC, 0);
        return fd >= 0 ? fd : throw new Win32Exception(LibC.Error);
    }

    /// <summary>A socket that connects. False: the process is short of descriptors, and nothing has happened.</summary>
    /// <param name="endPoint">Where to.</param>
    /// <param name="descriptor">The socket; −1 where there is none.</param>
    /// <param name="error">0, or the errno of what has failed already.</param>
    internal static bool TryConnect(EndPoint endPoint, out int descriptor, out int error)
    {
        descriptor = -1;
        error = 0;
        try
        {
            descriptor = Create(endPoint);
        }
        catch (Win32Exception e) when (e.NativeErrorCode is Constants.EMFILE or Constants.ENFILE)
        {
            return false;
        }
        catch (Win32Exception e)
        {
            error = e.NativeErrorCode;
            return true;
        }

        if (descriptor >= DescriptorBudget.Process.ConnectCeiling)
        {
            _ = LibC.close(descriptor);
            descriptor = -1;
            return false;
        }

        if (endPoint is IPEndPoint)
        {
            SetOption(descriptor, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1);
        }

        error = Connect(descriptor, endPoint);
        return true;
    }

    /// <summary>A socket that may listen at an address.</summary>
    /// <exception cref="Win32Exception">The address is taken, not this machine's, or not allowed.</exception>
    internal static int Bind(EndPoint endPoint, bool sharePort, bool transparent = false)
    {
        int fd = Create(endPoint);
        try
        {
            if (endPoint is IPEndPoint ip)
            {
                SetOption(fd, Constants.SOL_SOCKET, Constants.SO_REUSEADDR, 1);
                // Accepted sockets inherit it, which saves a call for each.
                SetOption(fd, Constants.IPPROTO_TCP, Constants.TCP_NODELAY, 1);
                if (transparent)
                {
                    int one = 1;
                    bool v4 = ip.AddressFamily == AddressFamily.InterNetwork;
                    ThrowIfNegative(LibC.setsockopt(fd, v4 ? Constants.IPPROTO_IP : Constants.IPPROTO_IPV6, v4 ? Constants.IP_TRANSPARENT : Constants.IPV6_TRANSPARENT, &one, sizeof(int)));
                }

                if (sharePort)
                {
                    SharePort(fd);
                }

                if (ip.AddressFamily == AddressFamily.InterNetworkV6)
                {
                    SetOption(fd, Constants.IPPROTO_IPV6, Constants.IPV6_V6ONLY, ip.Address.Equals(IPAddress.IPv6Any) ? 0 : 1);
                }
            }

            byte* address = stackalloc byte[MaxAddressSize];
            int length = PeerAddress.ToNative(endPoint, new Span<byte>(address, MaxAddressSize));
            ThrowIfNegative(LibC.bind(fd, address, (uint)length));
            return fd;
        }
        catch
        {
            _ = LibC.close(fd);
            throw;
        }
    }

    /// <summary>Lets sockets that say so too be bound to the same port. Before it listens.</summary>
    internal static void SharePort(int fd) => SetOption(fd, Constants.SOL_SOCKET, Constants.SO_REUSEPORT, 1);

    /// <summary>From now on the kernel takes connections.</summary>
    /// <exception cref="Win32Exception">Somebody else listens at the address.</exception>
    internal static void Listen(int fd, int backlog) => ThrowIfNegative(LibC.listen(fd, backlog));

    /// <summary>Starts to connect. Returns 0 when that is done or under way, else an errno.</summary>
    internal static int Connect(int fd, EndPoint endPoint)
    {
        byte* address = stackalloc byte[MaxAddressSize];
        int length = PeerAddress.ToNative(endPoint, new Span<byte>(address, MaxAddressSize));
        if (LibC.connect(fd, address, (uint)length) == 0)
        {
            return 0;
        }

        int error = LibC.Error;
        return error == Constants.EINPROGRESS ? 0 : error;
    }

    /// <summary>How the connection attempt or the last operation ended: 0 or an errno.</summary>
    internal static int TakeError(int fd)
    {
        int error = 0;
        uint length = sizeof(int);
        return LibC.getsockopt(fd, Constants.SOL_SOCKET, Constants.SO_ERROR, &error, &length) == 0 ? error : LibC.Error;
    }

    /// <summary>Our own address on a socket.</summary>
    internal static PeerAddress LocalAddress(int fd)
    {
        byte* address = stackalloc byte[MaxAddressSize];
        uint length = MaxAddressSize;
        return LibC.getsockname(fd, address, &length) == 0
            ? PeerAddress.FromNative(new ReadOnlySpan<byte>(address, (int)Math.Min(length, MaxAddressSize)))
            : default;
    }

    /// <summary>Where a connection was to go before netfilter redirected it (SO_ORIGINAL_DST); unknown where it was not.</summary>
    internal static PeerAddress OriginalDestination(int fd)
    {
        byte* address = stackalloc byte[MaxAddressSize];
        uint length = MaxAddressSize;
        if (LibC.getsockopt(fd, Constants.IPPROTO_IP, Constants.SO_ORIGINAL_DST, address, &length) < 0)
        {
            length = MaxAddressSize;
            if (LibC.getsockopt(fd, Constants.IPPROTO_IPV6, Constants.SO_ORIGINAL_DST, address, &length) < 0)
            {
                return default;
            }
        }

        return PeerAddress.FromNative(new ReadOnlySpan<byte>(address, (int)Math.Min(length, MaxAddressSize)));
    }

    internal static void SetOption(int fd, int level, int option, int value) => _ = LibC.setsockopt(fd, level, option, &value, sizeof(int));

    /// <summary>Lets close(2) send a reset: <c>struct linger</c> { on, 0 seconds }.</summary>
    internal static void ResetWhenClosed(int fd)
    {
        ulong linger = 1;
        _ = LibC.setsockopt(fd, Constants.SOL_SOCKET, Constants.SO_LINGER, &linger, sizeof(ulong));
    }

    private static void ThrowIfNegative(int result)
    {
        if (result < 0)
        {
            throw new Win32Exception(LibC.Error);
        }
    }
}
