using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>A request as filters see it.</summary>
internal sealed class RequestFace(StreamRecord record) : MessageFace
{
    private NativeTrailers? _trailers;

    internal override bool IsResponse => false;

    /// <summary>The request's trailers.</summary>
    internal NativeTrailers Trailers => _trailers ??= new(record.Client.RequestTrailers);

    internal override StreamFilterMethods MethodOf(FilterWork work) => work switch
    {
        FilterWork.Headers => StreamFilterMethods.DecodeHeaders,
        FilterWork.Data => StreamFilterMethods.DecodeData,
        _ => StreamFilterMethods.DecodeTrailers,
    };

    internal override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => filter.DecodeHeadersAsync(filter.See(record.RequestHeaders), endStream);

    internal override ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyHold body, bool hasTrailers)
        => filter.DecodeRequestAsync(filter.See(record.RequestHeaders), filter.SeeBody(body, response: false), filter.SeeTrailers(hasTrailers ? Trailers : null, response: false));

    internal override ValueTask<FilterAction> CallData(StreamFilter filter, BodyHold data, bool endStream) => filter.DecodeDataAsync(filter.SeeBody(data, response: false), endStream);

    internal override ValueTask<FilterAction> CallTrailers(StreamFilter filter, BodyHold body)
        => filter.DecodeTrailersAsync(filter.SeeTrailers(Trailers, response: false)!, filter.SeeBody(body, response: false));
}
