using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>Dynamic metadata. Text belongs to Envoy until it is next set or the hook returns.</summary>
internal static unsafe class MetadataCallbacks
{
    private static delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, EnvoyBuffer*, byte> s_getText;
    private static delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, double*, byte> s_getNumber;
    private static delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, byte*, byte> s_getFlag;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, ModuleBuffer, void> s_setText;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, double, void> s_setNumber;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte, void> s_setFlag;

    internal static bool TryGetText(nint filter, MetadataSource source, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (s_getText == null)
        {
            s_getText = (delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, EnvoyBuffer*, byte>)Callback.Find("http_get_metadata_string");
        }

        EnvoyBuffer found = default;
        fixed (byte* nsBytes = ns, keyBytes = key)
        {
            bool ok = s_getText(filter, source, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), &found) != 0;
            value = ok ? found.Span : default;
            return ok;
        }
    }

    internal static bool TryGetNumber(nint filter, MetadataSource source, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, out double value)
    {
        if (s_getNumber == null)
        {
            s_getNumber = (delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, double*, byte>)Callback.Find("http_get_metadata_number");
        }

        double found = 0;
        fixed (byte* nsBytes = ns, keyBytes = key)
        {
            bool ok = s_getNumber(filter, source, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), &found) != 0;
            value = found;
            return ok;
        }
    }

    internal static bool TryGetFlag(nint filter, MetadataSource source, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, out bool value)
    {
        if (s_getFlag == null)
        {
            s_getFlag = (delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, byte*, byte>)Callback.Find("http_get_metadata_bool");
        }

        byte found = 0;
        fixed (byte* nsBytes = ns, keyBytes = key)
        {
            bool ok = s_getFlag(filter, source, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), &found) != 0;
            value = found != 0;
            return ok;
        }
    }

    internal static void SetText(nint filter, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (s_setText == null)
        {
            s_setText = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, ModuleBuffer, void>)Callback.Find("http_set_dynamic_metadata_string");
        }

        fixed (byte* nsBytes = ns, keyBytes = key, bytes = value)
        {
            s_setText(filter, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), new(bytes, (nuint)value.Length));
        }
    }

    internal static void SetNumber(nint filter, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, double value)
    {
        if (s_setNumber == null)
        {
            s_setNumber = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, double, void>)Callback.Find("http_set_dynamic_metadata_number");
        }

        fixed (byte* nsBytes = ns, keyBytes = key)
        {
            s_setNumber(filter, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), value);
        }
    }

    internal static void SetFlag(nint filter, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, bool value)
    {
        if (s_setFlag == null)
        {
            s_setFlag = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte, void>)Callback.Find("http_set_dynamic_metadata_bool");
        }

        fixed (byte* nsBytes = ns, keyBytes = key)
        {
            s_setFlag(filter, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), value ? (byte)1 : (byte)0);
        }
    }
}
