using Outrider.Net.Loops;
using Outrider.Net.Sockets;
using Outrider.Net.Transports;

namespace Outrider.Net.Listening;

/// <summary>
/// The end of a filter chain: takes the connections that the chain is chosen for. One object serves all loops; what a loop is to
/// keep for itself it keeps by <see cref="EventLoop.Index"/>.
/// </summary>
public interface IConnectionHandlerFactory
{
    /// <summary>
    /// Makes a connection's handler, on its loop. Nothing of the connection has been received; the caller sets the handler, and tells it of
    /// <see cref="TransportHandler.OnConnected"/>.
    /// </summary>
    /// <param name="transport">The connection.</param>
    /// <param name="owner">Who accepted it: the handler's <see cref="TransportHandler.Owner"/>, which hears of its beginning and end (<see cref="OwnedConnection"/> sees to that).</param>
    /// <param name="opening">What was found out before; good for the length of the call.</param>
    TransportHandler Create(Transport transport, IConnectionOwner owner, ConnectionOpening opening);
}
