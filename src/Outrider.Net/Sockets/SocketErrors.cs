using System.ComponentModel;
using Outrider.Net.Interop;

namespace Outrider.Net.Sockets;

/// <summary>What an errno of a connection means to a proxy.</summary>
public static class SocketErrors
{
    /// <summary>The peer has broken the connection.</summary>
    public static int ConnectionReset => Constants.ECONNRESET;

    /// <summary>The system's words for it; "closed" for 0.</summary>
    public static string Describe(int error) => error == 0 ? "closed" : new Win32Exception(error).Message;

    /// <summary>Nobody listens at the address.</summary>
    public static bool IsRefused(int error) => error == Constants.ECONNREFUSED;
}
