using System.Net;
using System.Net.Sockets;

namespace Outrider.Tests.Harness;

/// <summary>
/// Ports for programs that must be told where to listen. They lie below those that the kernel gives out by itself
/// (ip_local_port_range), so that no other test's socket takes one while its program is still starting, and each is given out once.
/// </summary>
internal static class FreePorts
{
    private const int First = 12_000;
    private const int Count = 20_000;

    // Processes that test at the same time begin in different places.
    private static int s_next = Random.Shared.Next(Count);

    internal static int Next()
    {
        while (true)
        {
            int port = First + (int)((uint)Interlocked.Increment(ref s_next) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody's.
            }
        }
    }
}
