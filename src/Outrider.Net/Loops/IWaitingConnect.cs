using System.Net;

namespace Outrider.Net.Loops;

/// <summary>A connection that waits for a descriptor to be made with. On its loop.</summary>
internal interface IWaitingConnect
{
    /// <summary>Does nobody want it any more?</summary>
    bool IsClosed { get; }

    /// <summary>Sets the time, in milliseconds from now, after which it gives up.</summary>
    void Arm(long delay);

    /// <summary>Makes the socket and asks for the connection. False: the process is short of descriptors, and nothing has happened.</summary>
    bool TryOpen(EndPoint endPoint);
}
