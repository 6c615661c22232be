using Outrider.Envoy.Callbacks;
using Outrider.Envoy.Headers;
using Outrider.Filters;
using Outrider.Hosting.Driving;

namespace Outrider.Envoy.Streams;

/// <summary>A request's way through the filter.</summary>
internal sealed class RequestPath : MessagePath
{
    private bool _methodChanged, _wasHead;

    internal RequestPath(EnvoyStream stream) : base(stream, response: false)
    {
        RequestHeaders = new EnvoyRequestHeaders(stream);
    }

    internal EnvoyRequestHeaders RequestHeaders { get; }

    /// <summary>Did the client ask with HEAD, whatever this filter has made of its request since?</summary>
    internal bool IsHead => _methodChanged ? _wasHead : RequestHeaders.Method.SequenceEqual("HEAD"u8);

    /// <summary>Has this filter changed the method?</summary>
    internal bool MethodChanged => _methodChanged;

    private protected override HeaderMap Headers => RequestHeaders;

    private protected override bool NeedsLength => false;

    private protected override bool MayEndOtherwise => false;

    // A request may have a body whatever its method (RFC 9110 §9.3.1).
    private protected override ResponseContent Content => ResponseContent.Of(200, isHead: false);

    // What follows a CONNECT or an upgrade is a tunnel.
    internal override bool CanCollect => !RequestHeaders.Method.SequenceEqual("CONNECT"u8) && !RequestHeaders.Contains("upgrade"u8);

    /// <summary>This filter is about to change the method: what the client asked with is remembered.</summary>
    internal void OnMethodChange()
    {
        if (!_methodChanged)
        {
            _wasHead = IsHead;
            _methodChanged = true;
        }
    }

    internal override void Reset()
    {
        base.Reset();
        _methodChanged = false;
    }

    private protected override StreamFilterMethods MethodOf(FilterWork work) => work switch
    {
        FilterWork.Headers => StreamFilterMethods.DecodeHeaders,
        FilterWork.Data => StreamFilterMethods.DecodeData,
        _ => StreamFilterMethods.DecodeTrailers,
    };

    private protected override void Continue() => StreamCallbacks.ContinueDecoding(Stream.Pointer);

    private protected override void OnTooLarge() => Stream.ReplyHere(413, "the body is larger than filters may collect");

    private protected override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => filter.DecodeHeadersAsync(filter.See(RequestHeaders), endStream);

    private protected override ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyBuffer body, HeaderMap? trailers)
        => filter.DecodeRequestAsync(filter.See(RequestHeaders), filter.SeeBody(body, response: false), filter.SeeTrailers(trailers, response: false));

    private protected override ValueTask<FilterAction> CallData(StreamFilter filter, BodyBuffer data, bool endStream) => filter.DecodeDataAsync(filter.SeeBody(data, response: false), endStream);

    private protected override ValueTask<FilterAction> CallTrailers(StreamFilter filter, HeaderMap trailers, BodyBuffer body)
        => filter.DecodeTrailersAsync(filter.SeeTrailers(trailers, response: false)!, filter.SeeBody(body, response: false));
}
