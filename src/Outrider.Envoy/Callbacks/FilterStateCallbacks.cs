using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>Filter state. What comes out belongs to Envoy until the hook returns.</summary>
internal static unsafe class FilterStateCallbacks
{
    private static delegate* unmanaged<nint, ModuleBuffer, EnvoyBuffer*, byte> s_getBytes;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte> s_setBytes;
    private static delegate* unmanaged<nint, ModuleBuffer, EnvoyBuffer*, byte> s_getTyped;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte> s_setTyped;

    internal static bool TryGet(nint filter, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (s_getBytes == null)
        {
            s_getBytes = (delegate* unmanaged<nint, ModuleBuffer, EnvoyBuffer*, byte>)Callback.Find("http_get_filter_state_bytes");
        }

        return TryGet(s_getBytes, filter, key, out value);
    }

    internal static bool Set(nint filter, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (s_setBytes == null)
        {
            s_setBytes = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte>)Callback.Find("http_set_filter_state_bytes");
        }

        return Set(s_setBytes, filter, key, value);
    }

    /// <summary>An object of any kind, as it writes itself. The bytes are good until the next of these callbacks on this thread.</summary>
    internal static bool TryGetTyped(nint filter, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (s_getTyped == null)
        {
            s_getTyped = (delegate* unmanaged<nint, ModuleBuffer, EnvoyBuffer*, byte>)Callback.Find("http_get_filter_state_typed");
        }

        return TryGet(s_getTyped, filter, key, out value);
    }

    /// <summary>False: no factory for that key, or the factory does not take the bytes, or there is one already.</summary>
    internal static bool SetTyped(nint filter, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (s_setTyped == null)
        {
            s_setTyped = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte>)Callback.Find("http_set_filter_state_typed");
        }

        return Set(s_setTyped, filter, key, value);
    }

    private static bool TryGet(delegate* unmanaged<nint, ModuleBuffer, EnvoyBuffer*, byte> get, nint filter, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        EnvoyBuffer found = default;
        fixed (byte* bytes = key)
        {
            bool ok = get(filter, new(bytes, (nuint)key.Length), &found) != 0;
            value = ok ? found.Span : default;
            return ok;
        }
    }

    private static bool Set(delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte> set, nint filter, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* keyBytes = key, bytes = value)
        {
            return set(filter, new(keyBytes, (nuint)key.Length), new(bytes, (nuint)value.Length)) != 0;
        }
    }
}
