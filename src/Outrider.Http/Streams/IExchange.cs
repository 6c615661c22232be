using Outrider.Http.Headers;
using Outrider.Net.Transports;

namespace Outrider.Http.Streams;

/// <summary>
/// One request and its response on a connection to an upstream, as whoever asked sees it. What comes is told to its
/// <see cref="IResponseReceiver"/>. It is over with the last call to that one, or with <see cref="Cancel"/>; nothing may be done with it
/// afterwards. On the connection's loop; no call here calls the receiver.
/// </summary>
public interface IExchange
{
    /// <summary>The upstream's connection, which this exchange may share with others.</summary>
    Transport Transport { get; }

    /// <summary>Does what was sent of the request wait for the upstream? Then stop; <see cref="IResponseReceiver.OnRequestWritten"/> tells when to go on.</summary>
    bool IsWriteBlocked { get; }

    /// <summary>Bytes of the request that wait for the upstream to take them.</summary>
    int PendingOutput { get; }

    /// <summary>Sends a piece of the request's body, which is copied as far as it has to wait.</summary>
    void SendData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>Sends the request's trailers, which end it. Where the protocol has no place for them they are dropped.</summary>
    void SendTrailers(HeaderBlock trailers);

    /// <summary>Hands what was written to the kernel now, and not only when the event at hand is done.</summary>
    void SendNow();

    /// <summary>Stops the response after the piece at hand.</summary>
    void PauseResponse();

    /// <summary>Lets the response come again.</summary>
    void ResumeResponse();

    /// <summary>Nobody wants (the rest of) the response: the receiver hears nothing any more.</summary>
    void Cancel();
}
