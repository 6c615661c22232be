using Outrider.Http.Headers;

namespace Outrider.Proxy.Streams.Contexts;

/// <summary>Finds the trace that a request belongs to in what tracers write into its headers.</summary>
internal static class TraceIds
{
    // version-traceid-parentid-flags, each in hexadecimal digits of a fixed length (W3C Trace Context, §3.2).
    private const int TraceParentAt = 3, TraceParentLength = 32;

    /// <summary>The trace's id: <c>traceparent</c>'s (W3C), else <c>x-b3-traceid</c>'s or <c>b3</c>'s (Zipkin), else <c>uber-trace-id</c>'s (Jaeger), else <c>x-request-id</c>; empty where there is none.</summary>
    internal static ReadOnlySpan<byte> Of(HeaderBlock fields)
    {
        if (fields.IndexOf("traceparent"u8) is >= 0 and var parent && fields.ValueAt(parent) is { Length: > TraceParentAt + TraceParentLength } value
            && value[TraceParentAt - 1] == '-' && value[TraceParentAt + TraceParentLength] == '-')
        {
            return value.Slice(TraceParentAt, TraceParentLength);
        }

        if (fields.IndexOf("x-b3-traceid"u8) is >= 0 and var zipkin)
        {
            return fields.ValueAt(zipkin);
        }

        if (fields.IndexOf("b3"u8) is >= 0 and var single && fields.ValueAt(single).IndexOf((byte)'-') is > 0 and var dash)
        {
            return fields.ValueAt(single)[..dash];
        }

        if (fields.IndexOf("uber-trace-id"u8) is >= 0 and var jaeger && fields.ValueAt(jaeger).IndexOf((byte)':') is > 0 and var colon)
        {
            return fields.ValueAt(jaeger)[..colon];
        }

        return fields.IndexOf("x-request-id"u8) is >= 0 and var request ? fields.ValueAt(request) : default;
    }
}
