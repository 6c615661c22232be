namespace Outrider.Filters;

/// <summary>
/// Rewrites a request into what its upstream understands, and the answer back into what the client does, for the stream filter <c>transcoder</c>. Each request has an
/// object of its own, so that fields may carry what the answer needs; all calls are on the stream's loop.
/// </summary>
public interface ITranscoder
{
    /// <summary>Is the request one to rewrite? Otherwise neither it nor its answer is touched. Default: yes.</summary>
    /// <param name="stream">The request's stream.</param>
    /// <param name="headers">Its head.</param>
    bool Accepts(StreamContext stream, RequestHeaders headers) => true;

    /// <summary>Rewrites the whole request. <c>content-length</c> follows the body by itself.</summary>
    /// <param name="stream">The request's stream.</param>
    /// <param name="headers">Its head.</param>
    /// <param name="body">Its body; empty when there is none.</param>
    /// <param name="trailers">Its trailers, or null.</param>
    /// <exception cref="TranscodingException">It cannot be: the client gets a 400.</exception>
    ValueTask TranscodeRequestAsync(StreamContext stream, RequestHeaders headers, BodyBuffer body, HeaderMap? trailers);

    /// <summary>Rewrites the whole answer of the upstream; what the proxy answers by itself is not handed over.</summary>
    /// <param name="stream">The request's stream.</param>
    /// <param name="headers">The answer's head.</param>
    /// <param name="body">Its body; empty when there is none.</param>
    /// <param name="trailers">Its trailers, or null.</param>
    /// <exception cref="TranscodingException">It cannot be: the client gets a 500.</exception>
    ValueTask TranscodeResponseAsync(StreamContext stream, ResponseHeaders headers, BodyBuffer body, HeaderMap? trailers);
}
