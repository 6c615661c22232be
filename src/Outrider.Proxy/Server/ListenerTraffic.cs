using Outrider.Http.Rules;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Server;

/// <summary>Counts the connections of one listener on one loop: in the loop's numbers, and in the listener's own.</summary>
internal sealed class ListenerTraffic(LoopStats loop, ListenerLoopStats listener)
{
    internal void ConnectionOpened()
    {
        loop.ConnectionsAccepted++;
        loop.ConnectionsActive++;
        listener.ConnectionsAccepted++;
        listener.ConnectionsActive++;
    }

    internal void ConnectionClosed()
    {
        loop.ConnectionsActive--;
        loop.ConnectionsClosed++;
        listener.ConnectionsActive--;
        listener.ConnectionsClosed++;
    }

    internal void Secured(bool isResumed)
    {
        loop.Handshakes.Completed++;
        listener.Handshakes.Completed++;
        if (isResumed)
        {
            loop.Handshakes.Resumed++;
            listener.Handshakes.Resumed++;
        }
    }

    internal void HandshakeFailed()
    {
        loop.Handshakes.Failed++;
        listener.Handshakes.Failed++;
    }

    internal void Refused(ProtocolError error)
    {
        loop.ProtocolErrors++;
        if (error == ProtocolError.HeadTooSlow)
        {
            listener.SlowHeads++;
        }
        else if (error == ProtocolError.BodyTooSlow)
        {
            listener.SlowBodies++;
        }
    }

    internal void HandshakeMissing()
    {
        loop.Handshakes.Unused++;
        listener.Handshakes.Unused++;
    }
}
