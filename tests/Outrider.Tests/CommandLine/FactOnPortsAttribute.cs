using System.Net;
using System.Net.Sockets;

namespace Outrider.Tests.CommandLine;

/// <summary>A test that wants these very ports: skipped where one is taken.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactOnPortsAttribute : FactAttribute
{
    public FactOnPortsAttribute(params int[] ports)
    {
        var taken = ports.Where(IsTaken).ToList();
        if (taken.Count > 0)
        {
            Skip = $"somebody listens on port {string.Join(", ", taken)}";
        }
    }

    private static bool IsTaken(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
