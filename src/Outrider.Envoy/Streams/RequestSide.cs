using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Headers;
using Outrider.Envoy.Links;
using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Streams;

/// <summary>A request on its way through the filter.</summary>
internal sealed class RequestSide(EnvoyLink link) : MessageSide(link)
{
    /// <summary>The request's head.</summary>
    internal EnvoyRequestHeaders Headers { get; } = new(link);

    internal override bool IsResponse => false;

    internal override HeaderMap Head => Headers;

    internal override bool LengthIsGiven => Headers.LengthIsGiven;

    internal override bool IsAsItCame => !Headers.LengthIsGiven;

    internal override bool MayCarryBody => true;

    // What follows a CONNECT or an upgrade is a tunnel.
    internal override bool CanCollect => !Headers.Method.SequenceEqual("CONNECT"u8) && !Headers.Contains("upgrade"u8);

    // A request may have a body whatever its method (RFC 9110 §9.3.1).
    internal override ResponseContent Content => ResponseContent.Of(200, isHead: false);

    internal override bool NeedsLength => false;

    internal override HeaderMapKind TrailersKind => HeaderMapKind.RequestTrailers;

    internal override bool MayEndOtherwise(StreamFilterMethods methods) => false;

    internal override StreamFilterMethods MethodOf(FilterWork work) => work switch
    {
        FilterWork.Headers => StreamFilterMethods.DecodeHeaders,
        FilterWork.Data => StreamFilterMethods.DecodeData,
        _ => StreamFilterMethods.DecodeTrailers,
    };

    internal override void Continue() => StreamCallbacks.ContinueDecoding(Link.Here);

    internal override (int Status, string Text) TooLarge() => (413, "the body is larger than filters may collect");

    internal override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => filter.DecodeHeadersAsync(filter.See(Headers), endStream);

    internal override ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body, HeaderMap? trailers)
        => filter.DecodeRequestAsync(filter.See(Headers), filter.SeeBody(body, response: false), filter.SeeTrailers(trailers, response: false));

    internal override ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream) => filter.DecodeDataAsync(filter.SeeBody(data, response: false), endStream);

    internal override ValueTask<FilterAction> CallTrailers(StreamFilter filter, HeaderMap trailers, BodyBuffer body)
        => filter.DecodeTrailersAsync(filter.SeeTrailers(trailers, response: false)!, filter.SeeBody(body, response: false));

    internal override void Reset() => Headers.Reset();
}
