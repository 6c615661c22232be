using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>Requests to Envoy's clusters that go out and are answered piece by piece. Each of these may run the hooks of the callout before it returns. What is given is copied.</summary>
internal static unsafe class CalloutStreamCallbacks
{
    private static delegate* unmanaged<nint, ulong*, ModuleBuffer, ModuleHeader*, nuint, ModuleBuffer, byte, ulong, CalloutStart> s_start;
    private static delegate* unmanaged<nint, ulong, ModuleBuffer, byte, byte> s_sendData;
    private static delegate* unmanaged<nint, ulong, void> s_reset;

    /// <summary>Begins a request that is not at its end yet.</summary>
    internal static CalloutStart Start(nint filter, ReadOnlySpan<byte> cluster, ReadOnlySpan<ModuleHeader> headers, ReadOnlySpan<byte> body, ulong timeoutMilliseconds, out ulong id)
    {
        if (s_start == null)
        {
            s_sendData = (delegate* unmanaged<nint, ulong, ModuleBuffer, byte, byte>)Callback.Find("http_stream_send_data");
            s_reset = (delegate* unmanaged<nint, ulong, void>)Callback.Find("http_filter_reset_http_stream");
            s_start = (delegate* unmanaged<nint, ulong*, ModuleBuffer, ModuleHeader*, nuint, ModuleBuffer, byte, ulong, CalloutStart>)Callback.Find("http_filter_start_http_stream");
        }

        ulong given = 0;
        fixed (byte* clusterBytes = cluster, bodyBytes = body)
        fixed (ModuleHeader* fields = headers)
        {
            var result = s_start(filter, &given, new(clusterBytes, (nuint)cluster.Length), fields, (nuint)headers.Length, new(bodyBytes, (nuint)body.Length), 0, timeoutMilliseconds);
            id = given;
            return result;
        }
    }

    /// <summary>False: the callout has ended.</summary>
    internal static bool SendData(nint filter, ulong id, ReadOnlySpan<byte> data, bool endStream)
    {
        fixed (byte* bytes = data)
        {
            return s_sendData(filter, id, new(bytes, (nuint)data.Length), endStream ? (byte)1 : (byte)0) != 0;
        }
    }

    /// <summary>Breaks a callout off.</summary>
    internal static void Reset(nint filter, ulong id) => s_reset(filter, id);
}
