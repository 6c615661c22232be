using Outrider.Http.Streams;

namespace Outrider.Http.V2.Server;

/// <summary>What HTTP/2 asks of the proxy beyond <see cref="IServerHandler"/>. A handler that is none does not speak it.</summary>
public interface IHttp2ServerHandler : IServerHandler
{
    /// <summary>What holds for clients that speak HTTP/2; null where the listener does not.</summary>
    Http2Limits? Http2 { get; }

    /// <summary>Where the loop's connections of clients count.</summary>
    MultiplexCounts Http2Counts { get; }
}
