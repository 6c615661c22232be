using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Headers;
using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Envoy.Streams;

/// <summary>A response's way through the filter.</summary>
internal sealed class ResponsePath : MessagePath
{
    internal ResponsePath(EnvoyStream stream) : base(stream, response: true)
    {
        ResponseHeaders = new EnvoyResponseHeaders(stream);
    }

    internal EnvoyResponseHeaders ResponseHeaders { get; }

    private protected override HeaderMap Headers => ResponseHeaders;

    private protected override ResponseContent Content => ResponseContent.Of(ResponseHeaders.Status, Stream.Request.IsHead);

    // Its HTTP/1 codec knows that 204 and answers to HEAD have no chunks; of 304 it does not.
    private protected override bool NeedsLength => ResponseHeaders.Status == 304 && !Stream.Request.IsHead;

    private protected override bool MayEndOtherwise
        => Stream.Request.MethodChanged || (Stream.Methods & (StreamFilterMethods.EncodeData | StreamFilterMethods.EncodeTrailers)) != 0;

    // After 101 comes a tunnel.
    internal override bool CanCollect => ResponseHeaders.Status != 101;

    private protected override StreamFilterMethods MethodOf(FilterWork work) => work switch
    {
        FilterWork.Headers => StreamFilterMethods.EncodeHeaders,
        FilterWork.Data => StreamFilterMethods.EncodeData,
        _ => StreamFilterMethods.EncodeTrailers,
    };

    private protected override void Continue() => StreamCallbacks.ContinueEncoding(Stream.Pointer);

    private protected override void OnTooLarge() => Stream.ReplyHere(502, "the response is larger than filters may collect");

    private protected override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => filter.EncodeHeadersAsync(filter.See(ResponseHeaders), endStream);

    private protected override ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body, HeaderMap? trailers)
        => filter.EncodeResponseAsync(filter.See(ResponseHeaders), filter.SeeBody(body, response: true), filter.SeeTrailers(trailers, response: true));

    private protected override ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream) => filter.EncodeDataAsync(filter.SeeBody(data, response: true), endStream);

    private protected override ValueTask<FilterAction> CallTrailers(StreamFilter filter, HeaderMap trailers, BodyBuffer body)
        => filter.EncodeTrailersAsync(filter.SeeTrailers(trailers, response: true)!, filter.SeeBody(body, response: true));
}
