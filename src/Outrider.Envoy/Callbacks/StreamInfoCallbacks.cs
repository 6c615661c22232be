using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>What Envoy records of a stream, and the wishes that it takes for one. What is given is copied before these return.</summary>
internal static unsafe class StreamInfoCallbacks
{
    private static delegate* unmanaged<nint, TimingInfo*, void> s_timing;
    private static delegate* unmanaged<nint, ModuleBuffer, void> s_addFlag;
    private static delegate* unmanaged<nint, ModuleBuffer, byte, byte> s_wantHost;

    internal static TimingInfo Timing(nint filter)
    {
        if (s_timing == null)
        {
            s_timing = (delegate* unmanaged<nint, TimingInfo*, void>)Callback.Find("http_get_timing_info");
        }

        TimingInfo timing = default;
        s_timing(filter, &timing);
        return timing;
    }

    internal static void AddFlag(nint filter, ReadOnlySpan<byte> flag)
    {
        if (s_addFlag == null)
        {
            s_addFlag = (delegate* unmanaged<nint, ModuleBuffer, void>)Callback.Find("http_add_custom_flag");
        }

        fixed (byte* bytes = flag)
        {
            s_addFlag(filter, new(bytes, (nuint)flag.Length));
        }
    }

    /// <summary>False: that is no address.</summary>
    internal static bool WantHost(nint filter, ReadOnlySpan<byte> address, bool strict)
    {
        if (s_wantHost == null)
        {
            s_wantHost = (delegate* unmanaged<nint, ModuleBuffer, byte, byte>)Callback.Find("http_set_upstream_override_host");
        }

        fixed (byte* bytes = address)
        {
            return s_wantHost(filter, new(bytes, (nuint)address.Length), strict ? (byte)1 : (byte)0) != 0;
        }
    }
}
