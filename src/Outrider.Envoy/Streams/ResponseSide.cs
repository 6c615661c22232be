using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Headers;
using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>A response on its way through the filter.</summary>
/// <param name="link">Envoy's side.</param>
/// <param name="request">The head of the request that it answers.</param>
internal sealed class ResponseSide(EnvoyLink link, EnvoyRequestHeaders request) : MessageSide(link)
{
    /// <summary>The response's head.</summary>
    internal EnvoyResponseHeaders Headers { get; } = new(link);

    internal override bool IsResponse => true;

    internal override HeaderMap Head => Headers;

    internal override bool LengthIsGiven => Headers.LengthIsGiven;

    internal override bool IsAsItCame => !Headers.LengthIsGiven && !Headers.StatusChanged && !request.MethodChanged;

    // An upstream may send one with 205, and Envoy lets that pass; of an answer to HEAD it takes none.
    internal override bool MayCarryBody => ResponseContent.Of(Headers.Status, isHead: false).IsAllowed;

    // After 101 comes a tunnel.
    internal override bool CanCollect => Headers.Status != 101;

    internal override ResponseContent Content => ResponseContent.Of(Headers.Status, request.IsHead);

    // Its HTTP/1 codec knows that 204 and answers to HEAD have no chunks; of 304 it does not.
    internal override bool NeedsLength => Headers.Status == 304 && !request.IsHead;

    internal override HeaderMapKind TrailersKind => HeaderMapKind.ResponseTrailers;

    internal override bool MayEndOtherwise(StreamFilterMethods methods)
        => request.MethodChanged || (methods & (StreamFilterMethods.EncodeData | StreamFilterMethods.EncodeTrailers)) != 0;

    internal override StreamFilterMethods MethodOf(FilterWork work) => work switch
    {
        FilterWork.Headers => StreamFilterMethods.EncodeHeaders,
        FilterWork.Data => StreamFilterMethods.EncodeData,
        _ => StreamFilterMethods.EncodeTrailers,
    };

    internal override void Continue() => StreamCallbacks.ContinueEncoding(Link.Here);

    internal override (int Status, string Text) TooLarge() => (502, "the response is larger than filters may collect");

    internal override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => filter.EncodeHeadersAsync(filter.See(Headers), endStream);

    internal override ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body, HeaderMap? trailers)
        => filter.EncodeResponseAsync(filter.See(Headers), filter.SeeBody(body, response: true), filter.SeeTrailers(trailers, response: true));

    internal override ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream) => filter.EncodeDataAsync(filter.SeeBody(data, response: true), endStream);

    internal override ValueTask<FilterAction> CallTrailers(StreamFilter filter, HeaderMap trailers, BodyBuffer body)
        => filter.EncodeTrailersAsync(filter.SeeTrailers(trailers, response: true)!, filter.SeeBody(body, response: true));

    internal override void Reset() => Headers.Reset();
}
