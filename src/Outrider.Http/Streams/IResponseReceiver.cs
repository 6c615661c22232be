using Outrider.Http.Headers;
using Outrider.Http.Messages;

namespace Outrider.Http.Streams;

/// <summary>Who a client connection tells of the response; on the loop. After <see cref="OnUpstreamReset"/>, or the call with <c>endStream</c>, nothing more comes.</summary>
public interface IResponseReceiver
{
    /// <summary>Where the response's head is read into.</summary>
    ResponseHead ResponseHead { get; }

    /// <summary>Where the response's trailers are read into.</summary>
    HeaderBlock ResponseTrailers { get; }

    /// <summary>An informational response (never 101) is in <see cref="ResponseHead"/>; the final one follows.</summary>
    void OnInformational();

    /// <summary>The response's head is there.</summary>
    void OnResponseHead(bool endStream);

    /// <summary>A piece of the response's body, lent for the length of the call. May be empty with <paramref name="endStream"/>.</summary>
    void OnResponseData(ReadOnlySpan<byte> data, bool endStream);

    /// <summary>The trailers came, and the response is complete.</summary>
    void OnResponseTrailers();

    /// <summary>The connection ended before the response did.</summary>
    void OnUpstreamReset(UpstreamFailure failure);

    /// <summary>The upstream takes no more of the request for now.</summary>
    void OnRequestBlocked();

    /// <summary>While blocked: the upstream took some of what waits.</summary>
    void OnRequestProgress();

    /// <summary>The upstream has taken everything.</summary>
    void OnRequestWritten();
}
