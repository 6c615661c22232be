using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>Bodies: what the running hook received, and what has been buffered. Slices belong to Envoy until the body is next changed or the hook returns.</summary>
internal static unsafe class BodyCallbacks
{
    private static delegate* unmanaged<nint, BodyKind, nuint> s_size;
    private static delegate* unmanaged<nint, BodyKind, nuint> s_sliceCount;
    private static delegate* unmanaged<nint, BodyKind, EnvoyBuffer*, byte> s_slices;
    private static delegate* unmanaged<nint, BodyKind, ModuleBuffer, byte> s_append;
    private static delegate* unmanaged<nint, BodyKind, nuint, byte> s_drain;
    private static delegate* unmanaged<nint, byte> s_isBufferedRequest;
    private static delegate* unmanaged<nint, byte> s_isBufferedResponse;
    private static delegate* unmanaged<nint, ulong> s_limit;
    private static delegate* unmanaged<nint, ulong, void> s_setLimit;

    internal static int Length(nint filter, BodyKind body)
    {
        if (s_size == null)
        {
            s_size = (delegate* unmanaged<nint, BodyKind, nuint>)Callback.Find("http_get_body_size");
        }

        return checked((int)s_size(filter, body));
    }

    internal static int SliceCount(nint filter, BodyKind body)
    {
        if (s_sliceCount == null)
        {
            s_sliceCount = (delegate* unmanaged<nint, BodyKind, nuint>)Callback.Find("http_get_body_chunks_size");
        }

        return checked((int)s_sliceCount(filter, body));
    }

    /// <summary>Writes the slices to memory that has room for <see cref="SliceCount"/> of them and does not move.</summary>
    internal static void GetSlices(nint filter, BodyKind body, EnvoyBuffer* slices)
    {
        if (s_slices == null)
        {
            s_slices = (delegate* unmanaged<nint, BodyKind, EnvoyBuffer*, byte>)Callback.Find("http_get_body_chunks");
        }

        _ = s_slices(filter, body, slices);
    }

    internal static bool Append(nint filter, BodyKind body, ReadOnlySpan<byte> bytes)
    {
        if (s_append == null)
        {
            s_append = (delegate* unmanaged<nint, BodyKind, ModuleBuffer, byte>)Callback.Find("http_append_body");
        }

        fixed (byte* data = bytes)
        {
            return s_append(filter, body, new(data, (nuint)bytes.Length)) != 0;
        }
    }

    internal static bool Drain(nint filter, BodyKind body, int count)
    {
        if (s_drain == null)
        {
            s_drain = (delegate* unmanaged<nint, BodyKind, nuint, byte>)Callback.Find("http_drain_body");
        }

        return s_drain(filter, body, (nuint)count) != 0;
    }

    /// <summary>Is what this hook received the very body that a filter before this one had buffered?</summary>
    internal static bool ReceivedIsBuffered(nint filter, bool response)
    {
        if (s_isBufferedRequest == null)
        {
            s_isBufferedRequest = (delegate* unmanaged<nint, byte>)Callback.Find("http_received_buffered_request_body");
            s_isBufferedResponse = (delegate* unmanaged<nint, byte>)Callback.Find("http_received_buffered_response_body");
        }

        return (response ? s_isBufferedResponse(filter) : s_isBufferedRequest(filter)) != 0;
    }

    /// <summary>How many bytes may be buffered; 0 when there is no limit.</summary>
    internal static ulong Limit(nint filter)
    {
        if (s_limit == null)
        {
            s_limit = (delegate* unmanaged<nint, ulong>)Callback.Find("http_get_buffer_limit");
        }

        return s_limit(filter);
    }

    internal static void SetLimit(nint filter, ulong bytes)
    {
        if (s_setLimit == null)
        {
            s_setLimit = (delegate* unmanaged<nint, ulong, void>)Callback.Find("http_set_buffer_limit");
        }

        s_setLimit(filter, bytes);
    }
}
