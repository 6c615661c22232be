using Outrider.Net.Transports;

namespace Outrider.Http.Streams;

/// <summary>
/// The server's side of a protocol: reads requests from a client's connection and gives each a stream of its own
/// (<see cref="IServerHandler.RentStream"/>), which answers through its <see cref="IDownstream"/>. One object serves all loops.
/// </summary>
/// <remarks>
/// What the codec makes the transport's handler tells the listener of the connection: <see cref="IServerHandler.OnConnectionOpened"/> in
/// <see cref="Net.Sockets.TransportHandler.OnConnected"/>, <see cref="IServerHandler.OnConnectionClosed"/> in <see cref="Net.Sockets.TransportHandler.OnClosed"/>, what TLS did where there is TLS; its
/// <see cref="Net.Sockets.TransportHandler.Owner"/> is the listener's side that it was given, which closes and drains connections by it.
/// </remarks>
public interface IServerCodec : ICodec
{
    /// <summary>Takes over a client's connection: becomes its handler. Nothing has been read of it, and TLS, if there is to be any, has not begun.</summary>
    /// <param name="transport">The connection. On its loop.</param>
    /// <param name="handler">The listener's side on that loop.</param>
    void Open(Transport transport, IServerHandler handler);
}
