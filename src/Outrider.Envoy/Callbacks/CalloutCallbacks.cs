using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>Requests to Envoy's clusters. The answer comes to the callout hook, on the stream's worker.</summary>
internal static unsafe class CalloutCallbacks
{
    private static delegate* unmanaged<nint, ulong*, ModuleBuffer, ModuleHeader*, nuint, ModuleBuffer, ulong, CalloutStart> s_start;

    internal static CalloutStart Start(nint filter, ReadOnlySpan<byte> cluster, ReadOnlySpan<ModuleHeader> headers, ReadOnlySpan<byte> body, ulong timeoutMilliseconds, out ulong id)
    {
        if (s_start == null)
        {
            s_start = (delegate* unmanaged<nint, ulong*, ModuleBuffer, ModuleHeader*, nuint, ModuleBuffer, ulong, CalloutStart>)Callback.Find("http_filter_http_callout");
        }

        ulong given = 0;
        fixed (byte* clusterBytes = cluster, bodyBytes = body)
        fixed (ModuleHeader* fields = headers)
        {
            var result = s_start(filter, &given, new(clusterBytes, (nuint)cluster.Length), fields, (nuint)headers.Length, new(bodyBytes, (nuint)body.Length), timeoutMilliseconds);
            id = given;
            return result;
        }
    }
}
