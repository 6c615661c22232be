using Outrider.Http.Rules;
using Outrider.Http.Streams;

namespace Outrider.Http.V2.Server;

/// <summary>What HTTP/2 asks of the proxy beyond <see cref="IServerHandler"/>. A handler that is none does not speak it.</summary>
public interface IHttp2ServerHandler : IServerHandler
{
    /// <summary>What holds for clients that speak HTTP/2; null where the listener does not.</summary>
    Http2Limits? Http2 { get; }

    /// <summary>Where the loop's connections of clients count.</summary>
    MultiplexCounts Http2Counts { get; }

    /// <summary>As <see cref="IServerHandler.ReturnRefused"/>, for a call of gRPC, whose client is told by a status of gRPC in a response of 200. On the loop.</summary>
    /// <param name="stream">The stream, which has not begun.</param>
    /// <param name="error">What was wrong.</param>
    void ReturnRefusedCall(ServerStream stream, ProtocolError error) => ReturnRefused(stream, error);
}
