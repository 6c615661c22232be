using Outrider.Envoy.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>Filter state. What comes out belongs to Envoy until the hook returns.</summary>
internal static unsafe class FilterStateCallbacks
{
    private static delegate* unmanaged<nint, ModuleBuffer, EnvoyBuffer*, byte> s_get;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte> s_set;

    internal static bool TryGet(nint filter, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (s_get == null)
        {
            s_get = (delegate* unmanaged<nint, ModuleBuffer, EnvoyBuffer*, byte>)Callback.Find("http_get_filter_state_bytes");
        }

        EnvoyBuffer found = default;
        fixed (byte* bytes = key)
        {
            bool ok = s_get(filter, new(bytes, (nuint)key.Length), &found) != 0;
            value = ok ? found.Span : default;
            return ok;
        }
    }

    internal static bool Set(nint filter, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (s_set == null)
        {
            s_set = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte>)Callback.Find("http_set_filter_state_bytes");
        }

        fixed (byte* keyBytes = key, bytes = value)
        {
            return s_set(filter, new(keyBytes, (nuint)key.Length), new(bytes, (nuint)value.Length)) != 0;
        }
    }
}
