using Outrider.Modules.Abi;

namespace Outrider.Envoy.Callbacks;

/// <summary>Lists and whole namespaces of dynamic metadata. Text belongs to Envoy until it is next set or the hook returns; what is given is copied.</summary>
internal static unsafe class MetadataListCallbacks
{
    private static delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, nuint*, byte> s_size;
    private static delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, nuint, EnvoyBuffer*, byte> s_getText;
    private static delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, nuint, double*, byte> s_getNumber;
    private static delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, nuint, byte*, byte> s_getFlag;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, ModuleBuffer, byte> s_addText;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, double, byte> s_addNumber;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte, byte> s_addFlag;
    private static delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, void> s_merge;

    /// <summary>How many elements there are; -1 when there is no such list.</summary>
    internal static int Count(nint filter, MetadataSource source, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key)
    {
        if (s_size == null)
        {
            s_getText = (delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, nuint, EnvoyBuffer*, byte>)Callback.Find("http_get_metadata_list_string");
            s_getNumber = (delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, nuint, double*, byte>)Callback.Find("http_get_metadata_list_number");
            s_getFlag = (delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, nuint, byte*, byte>)Callback.Find("http_get_metadata_list_bool");
            s_size = (delegate* unmanaged<nint, MetadataSource, ModuleBuffer, ModuleBuffer, nuint*, byte>)Callback.Find("http_get_metadata_list_size");
        }

        nuint size = 0;
        fixed (byte* nsBytes = ns, keyBytes = key)
        {
            return s_size(filter, source, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), &size) != 0 ? checked((int)size) : -1;
        }
    }

    /// <summary>An element of a list that <see cref="Count"/> has counted; null when it is no text, number or flag.</summary>
    internal static object? Get(nint filter, MetadataSource source, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, int index)
    {
        fixed (byte* nsBytes = ns, keyBytes = key)
        {
            ModuleBuffer space = new(nsBytes, (nuint)ns.Length), name = new(keyBytes, (nuint)key.Length);
            EnvoyBuffer text = default;
            if (s_getText(filter, source, space, name, (nuint)index, &text) != 0)
            {
                return System.Text.Encoding.UTF8.GetString(text.Span);
            }

            double number = 0;
            if (s_getNumber(filter, source, space, name, (nuint)index, &number) != 0)
            {
                return number;
            }

            byte flag = 0;
            return s_getFlag(filter, source, space, name, (nuint)index, &flag) != 0 ? flag != 0 : null;
        }
    }

    /// <summary>False: what is there is no list.</summary>
    internal static bool AddText(nint filter, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (s_addText == null)
        {
            s_addText = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, ModuleBuffer, byte>)Callback.Find("http_add_dynamic_metadata_list_string");
        }

        fixed (byte* nsBytes = ns, keyBytes = key, bytes = value)
        {
            return s_addText(filter, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), new(bytes, (nuint)value.Length)) != 0;
        }
    }

    /// <inheritdoc cref="AddText"/>
    internal static bool AddNumber(nint filter, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, double value)
    {
        if (s_addNumber == null)
        {
            s_addNumber = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, double, byte>)Callback.Find("http_add_dynamic_metadata_list_number");
        }

        fixed (byte* nsBytes = ns, keyBytes = key)
        {
            return s_addNumber(filter, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), value) != 0;
        }
    }

    /// <inheritdoc cref="AddText"/>
    internal static bool AddFlag(nint filter, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> key, bool value)
    {
        if (s_addFlag == null)
        {
            s_addFlag = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, byte, byte>)Callback.Find("http_add_dynamic_metadata_list_bool");
        }

        fixed (byte* nsBytes = ns, keyBytes = key)
        {
            return s_addFlag(filter, new(nsBytes, (nuint)ns.Length), new(keyBytes, (nuint)key.Length), value ? (byte)1 : (byte)0) != 0;
        }
    }

    /// <summary>Sets a namespace's values from a <c>google.protobuf.Struct</c> in its wire form.</summary>
    internal static void Merge(nint filter, ReadOnlySpan<byte> ns, ReadOnlySpan<byte> message)
    {
        if (s_merge == null)
        {
            s_merge = (delegate* unmanaged<nint, ModuleBuffer, ModuleBuffer, void>)Callback.Find("http_set_dynamic_metadata_struct");
        }

        fixed (byte* nsBytes = ns, bytes = message)
        {
            s_merge(filter, new(nsBytes, (nuint)ns.Length), new(bytes, (nuint)message.Length));
        }
    }
}
