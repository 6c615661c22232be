using Outrider.Net.Addresses;

namespace Outrider.Net.Sockets;

/// <summary>
/// Whose a connection is: the peer's address and our own. The kernel is asked for ours once; what it said then stays after the connection's
/// end. A field of a socket, never copied.
/// </summary>
internal struct SocketAddresses
{
    private OwnAddress? _own;

    /// <summary>The peer's.</summary>
    internal PeerAddress Remote;

    /// <summary>Is ours the address that the client wanted, as a listener filter found it out, and not the socket's?</summary>
    internal readonly bool IsRestored => _own is { IsRestored: true };

    /// <summary>Ours; unknown where it was never asked for and there is no socket any more.</summary>
    /// <param name="descriptor">The socket; −1 for none.</param>
    /// <param name="isConnecting">It is not connected yet: then it may have no address, or another.</param>
    /// <param name="known">Those of the loop's connections, which share them.</param>
    internal PeerAddress Local(int descriptor, bool isConnecting, OwnAddresses known)
    {
        if (_own is { } own)
        {
            return own.Value;
        }

        var address = descriptor < 0 ? default : SocketCalls.LocalAddress(descriptor);
        if (address.IsKnown && !isConnecting)
        {
            _own = known.Of(address);
        }

        return address;
    }

    /// <summary>The client wanted that address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="isOwn">It is the socket's own after all.</param>
    internal void Restore(PeerAddress address, bool isOwn) => _own = new OwnAddress(address) { IsRestored = !isOwn };
}
