using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Http.Streams;

/// <summary>What a stream may do on its client's side, whatever the protocol. On the stream's loop.</summary>
public interface IDownstream
{
    /// <summary>Does what was sent wait for the client? Then stop: <see cref="ServerStream.OnResponseWritten"/> tells when to go on.</summary>
    bool IsWriteBlocked { get; }

    /// <summary>Hands what was written to the kernel now, and not only when the event at hand is done. Calls nobody back.</summary>
    void SendNow();

    /// <summary>Bytes that wait for the client to take them.</summary>
    int PendingOutput { get; }

    /// <summary>Sends an informational response (103, or 100 where the client waits for it). HTTP/1.0 clients get none. Default: nothing, for protocols without.</summary>
    void SendInformational(ResponseHead head)
    {
    }

    /// <summary>Sends <c>100 Continue</c>, if the client waits for it and has not been told yet. Default: nothing, for protocols without.</summary>
    void SendContinue()
    {
    }

    /// <summary>
    /// Sends the response's head. <see cref="MessageHead.Framing"/> and <see cref="MessageHead.ContentLength"/> say what
    /// follows; framing fields in the head are written from them.
    /// </summary>
    /// <param name="head">The head.</param>
    /// <param name="endStream">Nothing follows.</param>
    void SendHead(ResponseHead head, bool endStream);

    /// <summary>Sends a piece of the response's body.</summary>
    void SendData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>Sends the trailers, which end the response. A client that cannot take any gets the end alone.</summary>
    void SendTrailers(HeaderBlock trailers);

    /// <summary>Ends the stream without (the rest of) a response: the client sees that something is missing.</summary>
    void Reset();

    /// <summary>Stops the request's body after the piece at hand.</summary>
    void PauseRequest();

    /// <summary>Lets the request's body come again.</summary>
    void ResumeRequest();

    /// <summary>The stream has sent or reset all that it will, and lets go of the connection. Called once.</summary>
    void EndStream(ServerStream stream);
}
