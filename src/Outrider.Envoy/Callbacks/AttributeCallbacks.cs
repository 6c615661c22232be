using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>Envoy's attributes. Text belongs to Envoy until the hook returns.</summary>
internal static unsafe class AttributeCallbacks
{
    private static delegate* unmanaged<nint, AttributeId, EnvoyBuffer*, byte> s_text;
    private static delegate* unmanaged<nint, AttributeId, ulong*, byte> s_number;
    private static delegate* unmanaged<nint, AttributeId, byte*, byte> s_flag;

    internal static bool TryGetText(nint filter, AttributeId attribute, out ReadOnlySpan<byte> text)
    {
        if (s_text == null)
        {
            s_text = (delegate* unmanaged<nint, AttributeId, EnvoyBuffer*, byte>)Callback.Find("http_filter_get_attribute_string");
        }

        EnvoyBuffer found = default;
        bool ok = s_text(filter, attribute, &found) != 0;
        text = ok ? found.Span : default;
        return ok;
    }

    internal static bool TryGetNumber(nint filter, AttributeId attribute, out ulong number)
    {
        if (s_number == null)
        {
            s_number = (delegate* unmanaged<nint, AttributeId, ulong*, byte>)Callback.Find("http_filter_get_attribute_int");
        }

        ulong found = 0;
        bool ok = s_number(filter, attribute, &found) != 0;
        number = found;
        return ok;
    }

    internal static bool TryGetFlag(nint filter, AttributeId attribute, out bool flag)
    {
        if (s_flag == null)
        {
            s_flag = (delegate* unmanaged<nint, AttributeId, byte*, byte>)Callback.Find("http_filter_get_attribute_bool");
        }

        byte found = 0;
        bool ok = s_flag(filter, attribute, &found) != 0;
        flag = found != 0;
        return ok;
    }
}
