using System.Net;
using System.Net.Sockets;

namespace Outrider.Upstream.Checks;

/// <summary>Connections that hosts are checked over, off the loops.</summary>
internal static class CheckConnections
{
    /// <summary>Connects to a host.</summary>
    /// <param name="endPoint">The host's address.</param>
    /// <param name="port">Another port than the host's; 0 for that.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="SocketException">It does not take connections.</exception>
    public static async ValueTask<Socket> ConnectAsync(EndPoint endPoint, int port, CancellationToken cancellation)
    {
        if (port > 0 && endPoint is IPEndPoint ip)
        {
            endPoint = new IPEndPoint(ip.Address, port);
        }

        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (endPoint is IPEndPoint)
            {
                socket.NoDelay = true;
            }

            await socket.ConnectAsync(endPoint, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
