using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Metadata;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Lists in a stream's dynamic metadata, for modules alone: the stream's own metadata has single values.</summary>
internal static unsafe class MetadataListCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_add_dynamic_metadata_list_number")]
    private static byte AddNumber(nint stream, ModuleBuffer ns, ModuleBuffer key, double value)
    {
        CallbackGuard.Enter();
        return Add(stream, ns, key, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_add_dynamic_metadata_list_bool")]
    private static byte AddBool(nint stream, ModuleBuffer ns, ModuleBuffer key, byte value)
    {
        CallbackGuard.Enter();
        return Add(stream, ns, key, value != 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_add_dynamic_metadata_list_string")]
    private static byte AddString(nint stream, ModuleBuffer ns, ModuleBuffer key, ModuleBuffer value)
    {
        CallbackGuard.Enter();
        try
        {
            return Add(stream, ns, key, ModuleStreamState.Keep(value.Span));
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_list_size")]
    private static byte GetListSize(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, nuint* result)
    {
        CallbackGuard.Enter();
        if (MetadataValues.Find(stream, source, ns, key) is not List<object> list)
        {
            return 0;
        }

        *result = (nuint)list.Count;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_list_number")]
    private static byte GetListNumber(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, nuint index, double* result)
    {
        CallbackGuard.Enter();
        return MetadataValues.TryStore(MetadataValues.Find(stream, source, ns, key, index), result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_list_string")]
    private static byte GetListString(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, nuint index, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return MetadataValues.TryStore(MetadataValues.Find(stream, source, ns, key, index), stream, result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_list_bool")]
    private static byte GetListBool(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, nuint index, byte* result)
    {
        CallbackGuard.Enter();
        return MetadataValues.TryStore(MetadataValues.Find(stream, source, ns, key, index), result);
    }

    private static byte Add(nint stream, ModuleBuffer ns, ModuleBuffer key, object value)
    {
        try
        {
            return ModuleFilter.Find(stream) is { } filter && ModuleStreamState.For(filter.Context).Append(ns.Text, key.Text, value) ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }
}
