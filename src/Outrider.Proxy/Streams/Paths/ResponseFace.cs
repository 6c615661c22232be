using Outrider.Filters;
using Outrider.Hosting.Driving;
using Outrider.Proxy.FilterChains;
using Outrider.Proxy.Streams.Records;

namespace Outrider.Proxy.Streams.Paths;

/// <summary>A response as filters see it.</summary>
internal sealed class ResponseFace(StreamRecord record) : MessageFace
{
    private NativeTrailers? _trailers;

    internal override bool IsResponse => true;

    /// <summary>The response's trailers.</summary>
    internal NativeTrailers Trailers => _trailers ??= new(record.ResponseTrailers);

    internal override StreamFilterMethods MethodOf(FilterWork work) => work switch
    {
        FilterWork.Headers => StreamFilterMethods.EncodeHeaders,
        FilterWork.Data => StreamFilterMethods.EncodeData,
        _ => StreamFilterMethods.EncodeTrailers,
    };

    internal override ValueTask<FilterAction> CallHeaders(StreamFilter filter, bool endStream) => filter.EncodeHeadersAsync(filter.See(record.ResponseHeaders), endStream);

    internal override ValueTask<FilterAction> CallWhole(StreamFilter filter, BodyHold body, bool hasTrailers)
        => filter.EncodeResponseAsync(filter.See(record.ResponseHeaders), filter.SeeBody(body, response: true), filter.SeeTrailers(hasTrailers ? Trailers : null, response: true));

    internal override ValueTask<FilterAction> CallData(StreamFilter filter, BodyHold data, bool endStream) => filter.EncodeDataAsync(filter.SeeBody(data, response: true), endStream);

    internal override ValueTask<FilterAction> CallTrailers(StreamFilter filter, BodyHold body)
        => filter.EncodeTrailersAsync(filter.SeeTrailers(Trailers, response: true)!, filter.SeeBody(body, response: true));
}
