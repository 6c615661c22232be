using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>What moves a stream on, or ends it. Any of these may call this module's hooks before it returns, for the same stream too, its end among them.</summary>
internal static unsafe class StreamCallbacks
{
    private static delegate* unmanaged<nint, void> s_continueDecoding;
    private static delegate* unmanaged<nint, void> s_continueEncoding;
    private static delegate* unmanaged<nint, uint, ModuleHeader*, nuint, ModuleBuffer, ModuleBuffer, void> s_reply;
    private static delegate* unmanaged<nint, ModuleHeader*, nuint, byte, void> s_sendHeaders;
    private static delegate* unmanaged<nint, ModuleBuffer, byte, void> s_sendData;
    private static delegate* unmanaged<nint, ModuleHeader*, nuint, void> s_sendTrailers;
    private static delegate* unmanaged<nint, StreamResetReason, ModuleBuffer, void> s_reset;
    private static delegate* unmanaged<nint, void> s_clearRouteCache;
    private static delegate* unmanaged<nint, nint> s_routeConfiguration;

    internal static void ContinueDecoding(nint filter)
    {
        if (s_continueDecoding == null)
        {
            s_continueDecoding = (delegate* unmanaged<nint, void>)Callback.Find("http_filter_continue_decoding");
        }

        s_continueDecoding(filter);
    }

    internal static void ContinueEncoding(nint filter)
    {
        if (s_continueEncoding == null)
        {
            s_continueEncoding = (delegate* unmanaged<nint, void>)Callback.Find("http_filter_continue_encoding");
        }

        s_continueEncoding(filter);
    }

    /// <summary>Answers in the place of an upstream. Where the client has been sent a head already, Envoy resets the stream instead.</summary>
    internal static void Reply(nint filter, int status, ReadOnlySpan<ModuleHeader> headers, ReadOnlySpan<byte> body, ReadOnlySpan<byte> details)
    {
        if (s_reply == null)
        {
            s_reply = (delegate* unmanaged<nint, uint, ModuleHeader*, nuint, ModuleBuffer, ModuleBuffer, void>)Callback.Find("http_send_response");
        }

        fixed (ModuleHeader* fields = headers)
        fixed (byte* bodyBytes = body, detailBytes = details)
        {
            s_reply(filter, (uint)status, fields, (nuint)headers.Length, new(bodyBytes, (nuint)body.Length), new(detailBytes, (nuint)details.Length));
        }
    }

    /// <summary>Begins a response, <c>:status</c> among its headers; it goes through the response side of every filter, this one's too.</summary>
    internal static void SendHeaders(nint filter, ReadOnlySpan<ModuleHeader> headers, bool endStream)
    {
        if (s_sendHeaders == null)
        {
            s_sendHeaders = (delegate* unmanaged<nint, ModuleHeader*, nuint, byte, void>)Callback.Find("http_send_response_headers");
        }

        fixed (ModuleHeader* fields = headers)
        {
            s_sendHeaders(filter, fields, (nuint)headers.Length, endStream ? (byte)1 : (byte)0);
        }
    }

    internal static void SendData(nint filter, ReadOnlySpan<byte> data, bool endStream)
    {
        if (s_sendData == null)
        {
            s_sendData = (delegate* unmanaged<nint, ModuleBuffer, byte, void>)Callback.Find("http_send_response_data");
        }

        fixed (byte* bytes = data)
        {
            s_sendData(filter, new(bytes, (nuint)data.Length), endStream ? (byte)1 : (byte)0);
        }
    }

    internal static void SendTrailers(nint filter, ReadOnlySpan<ModuleHeader> trailers)
    {
        if (s_sendTrailers == null)
        {
            s_sendTrailers = (delegate* unmanaged<nint, ModuleHeader*, nuint, void>)Callback.Find("http_send_response_trailers");
        }

        fixed (ModuleHeader* fields = trailers)
        {
            s_sendTrailers(filter, fields, (nuint)trailers.Length);
        }
    }

    internal static void Reset(nint filter, ReadOnlySpan<byte> details)
    {
        if (s_reset == null)
        {
            s_reset = (delegate* unmanaged<nint, StreamResetReason, ModuleBuffer, void>)Callback.Find("http_filter_reset_stream");
        }

        fixed (byte* bytes = details)
        {
            s_reset(filter, StreamResetReason.LocalReset, new(bytes, (nuint)details.Length));
        }
    }

    internal static void ClearRouteCache(nint filter)
    {
        if (s_clearRouteCache == null)
        {
            s_clearRouteCache = (delegate* unmanaged<nint, void>)Callback.Find("http_clear_route_cache");
        }

        s_clearRouteCache(filter);
    }

    /// <summary>The module's own pointer to the configuration that the stream's route has for this filter; 0 when it has none.</summary>
    internal static nint RouteConfiguration(nint filter)
    {
        if (s_routeConfiguration == null)
        {
            s_routeConfiguration = (delegate* unmanaged<nint, nint>)Callback.Find("get_most_specific_route_config");
        }

        return s_routeConfiguration(filter);
    }
}
