using Outrider.Http.Streams;

namespace Outrider.Http.V1.Server;

/// <summary>What HTTP/1 keeps with a stream, and not with the connection, so that a connection at rest does not pay for it.</summary>
internal static class Http1StreamState
{
    extension(ServerStream stream)
    {
        /// <summary>The state of reading the stream's request.</summary>
        internal Http1RequestReader Http1 => stream.CodecState<Http1RequestReader>();
    }
}
