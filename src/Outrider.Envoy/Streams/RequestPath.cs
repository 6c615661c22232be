using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Headers;
using Outrider.Filters;

namespace Outrider.Envoy.Streams;

/// <summary>A request's way through the filter.</summary>
internal sealed class RequestPath : MessagePath
{
    internal RequestPath(EnvoyStream stream) : base(stream, response: false)
    {
        RequestHeaders = new EnvoyRequestHeaders(stream);
    }

    internal EnvoyRequestHeaders RequestHeaders { get; }

    private protected override HeaderMap Headers => RequestHeaders;

    private protected override StreamFilterMethods HeadersMethod => StreamFilterMethods.DecodeHeaders;

    private protected override StreamFilterMethods DataMethod => StreamFilterMethods.DecodeData;

    private protected override StreamFilterMethods TrailersMethod => StreamFilterMethods.DecodeTrailers;

    // What follows a CONNECT or an upgrade is a tunnel.
    private protected override bool CanCollect => !RequestHeaders.Method.SequenceEqual("CONNECT"u8) && !RequestHeaders.Contains("upgrade"u8);

    private protected override StepResult ApplyOther(FilterAction action)
    {
        switch (action.Kind)
        {
            case FilterActionKind.ReMatchRoute when IsHeadAnswer:
                StreamCallbacks.ClearRouteCache(Stream.Pointer);
                return StepResult.Continue;
            case FilterActionKind.ReChooseHost when IsHeadAnswer && Stream.Phase == ReceiverPhase.AfterChooseHost:
                // Envoy chooses the host when all filters have let the request pass, so whatever it will choose is a new choice.
                return StepResult.Continue;
            default:
                return Refuse(action);
        }
    }

    private protected override void Continue() => StreamCallbacks.ContinueDecoding(Stream.Pointer);

    private protected override void OnTooLarge() => Stream.ReplyHere(413, "the body is larger than filters may collect");

    private protected override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => filter.DecodeHeadersAsync(RequestHeaders, endStream);

    private protected override ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body, HeaderMap? trailers) => filter.DecodeRequestAsync(RequestHeaders, body, trailers);

    private protected override ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream) => filter.DecodeDataAsync(data, endStream);

    private protected override ValueTask<FilterAction> CallTrailers(StreamFilter filter, HeaderMap trailers) => filter.DecodeTrailersAsync(trailers);
}
