using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using Outrider.Net.Interop;
using Outrider.Net.Sockets;

namespace Outrider.Net.Listening;

/// <summary>
/// The listening sockets of one address, one for each loop. They outlive the listeners that accept on them, so that a new
/// configuration takes them over and no connection in the kernel's queue is lost. Owns the descriptors.
/// </summary>
public sealed class ListenerSockets : IDisposable
{
    private readonly int[] _descriptors;
    private bool _disposed;

    private ListenerSockets(EndPoint endPoint, int[] descriptors)
    {
        EndPoint = endPoint;
        _descriptors = descriptors;
    }

    /// <summary>Where they listen; with the port that the system chose when 0 was asked for.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>The descriptor for a loop.</summary>
    public int this[int loop] => _descriptors[loop];

    internal static ListenerSockets Open(EndPoint endPoint, int loops, int backlog, bool transparent)
    {
        bool isShared = endPoint is not IPEndPoint;
        if (isShared)
        {
            RemoveStaleUnixSocket(endPoint);
        }

        // SO_REUSEPORT would let a second proxy of the same user share the port in silence. The first socket binds without it,
        // which says when somebody is there, and gets it afterwards. None listens before all are bound: a connection that
        // a socket has taken is reset when that socket is closed.
        var descriptors = new List<int>(loops) { SocketCalls.Bind(endPoint, sharePort: false, transparent) };
        try
        {
            if (isShared)
            {
                // Unix sockets have no SO_REUSEPORT: all loops accept from the same one, and one that comes too late sees EAGAIN.
                SocketCalls.Listen(descriptors[0], backlog);
                return new ListenerSockets(endPoint, [.. Enumerable.Repeat(descriptors[0], loops)]);
            }

            var bound = SocketCalls.LocalAddress(descriptors[0]).ToEndPoint();
            if (loops > 1)
            {
                SocketCalls.SharePort(descriptors[0]);
            }

            while (descriptors.Count < loops)
            {
                descriptors.Add(SocketCalls.Bind(bound, sharePort: true, transparent));
            }

            descriptors.ForEach(fd => SocketCalls.Listen(fd, backlog));
            return new ListenerSockets(bound, [.. descriptors]);
        }
        catch
        {
            descriptors.ForEach(static fd => _ = LibC.close(fd));
            throw;
        }
    }

    /// <summary>How many loops there is a socket for.</summary>
    public int Count => _descriptors.Length;

    /// <summary>
    /// Listens no more: new clients are refused, connections that nobody accepted are reset. The descriptors stay, for a loop that
    /// still holds its own and cannot be told to let go.
    /// </summary>
    public void Shutdown()
    {
        foreach (int fd in _descriptors)
        {
            _ = LibC.shutdown(fd, Constants.SHUT_RDWR);
        }
    }

    /// <summary>Closes the sockets; connections that nobody accepted are reset. Stop the listeners first.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (int fd in _descriptors.Distinct())
        {
            _ = LibC.close(fd);
        }

        if (EndPoint is UnixDomainSocketEndPoint && EndPoint.ToString() is [not '@', ..])
        {
            try
            {
                File.Delete(EndPoint.ToString()!);
            }
            catch (DirectoryNotFoundException)
            {
                // Gone with its folder.
            }
        }
    }

    // A socket file whose owner is dead refuses connections; one that answers belongs to somebody, and binding will say so.
    private static void RemoveStaleUnixSocket(EndPoint endPoint)
    {
        string path = endPoint.ToString()!;
        if (path.Length == 0 || path[0] == '@' || !File.Exists(path))
        {
            return;
        }

        int fd = SocketCalls.Create(endPoint);
        try
        {
            if (SocketCalls.Connect(fd, endPoint) == Constants.ECONNREFUSED)
            {
                File.Delete(path);
            }
        }
        catch (Win32Exception)
        {
            // Binding reports it better.
        }
        finally
        {
            _ = LibC.close(fd);
        }
    }
}
