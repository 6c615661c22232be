using Outrider.Http.Rules;
using Outrider.Net.Transports;

namespace Outrider.Http.Streams;

/// <summary>What a server's codec asks of the proxy: streams and limits, and it tells it what happens to connections. One for each listener and loop.</summary>
public interface IServerHandler
{
    /// <summary>The limits of this listener.</summary>
    HttpLimits Limits { get; }

    /// <summary>The most that one read takes, in bytes.</summary>
    int ReadSize { get; }

    /// <summary>Is the proxy on its way out, so that connections end with the response at hand?</summary>
    bool IsDraining { get; }

    /// <summary>
    /// Asked at each response: does a client wait for a place, so that this one's connection ends with this response? True takes the question
    /// back: it is one place that is wanted.
    /// </summary>
    bool TakesPlace() => false;

    /// <summary>Whose the connections are, by which they are closed and drained (<see cref="Net.Sockets.TransportHandler.Owner"/>). Default: the handler.</summary>
    object Owner => this;

    /// <summary>A connection was accepted.</summary>
    void OnConnectionOpened(Transport transport);

    /// <summary>A connection's TLS handshake is over; <see cref="Transport.Tls"/> says what was agreed on.</summary>
    void OnSecured(Transport transport)
    {
    }

    /// <summary>TLS failed on a connection, in the handshake or later; it closes.</summary>
    void OnTlsFailed(Transport transport, string reason)
    {
    }

    /// <summary>A TLS connection closes without a byte of a handshake, as probes of load balancers do.</summary>
    void OnTlsUnused(Transport transport)
    {
    }

    /// <summary>A connection is closed.</summary>
    void OnConnectionClosed(Transport transport);

    /// <summary>A stream for a request that begins.</summary>
    ServerStream RentStream();

    /// <summary>The connection is done with a stream that never got as far as <see cref="ServerStream.OnRequestHead"/>.</summary>
    void ReturnUnused(ServerStream stream);

    /// <summary>As <see cref="ReturnUnused"/>, of a stream whose request was refused: <see cref="ServerStream.Request"/> has what could be read of it.</summary>
    /// <param name="stream">The stream. The refusal goes out after this call.</param>
    /// <param name="error">What the client is told.</param>
    void ReturnRefused(ServerStream stream, ProtocolError error) => ReturnUnused(stream);

    /// <summary>A connection closes because no request came for too long.</summary>
    void OnIdleTimeout(Transport transport);

    /// <summary>A request was refused by the codec.</summary>
    /// <param name="transport">Where.</param>
    /// <param name="stream">Its stream, whose <see cref="ServerStream.Request"/> has what could be read of it.</param>
    /// <param name="error">What is wrong.</param>
    void OnProtocolError(Transport transport, ServerStream stream, ProtocolError error);
}
