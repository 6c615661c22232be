using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Envoy.Abi;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Lists in a stream's dynamic metadata, for modules alone: the stream's own metadata has single values.</summary>
internal static unsafe class MetadataListCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_add_dynamic_metadata_list_number")]
    private static byte AddNumber(nint stream, ModuleBuffer ns, ModuleBuffer key, double value)
    {
        try
        {
            return ModuleFilter.Find(stream) is { } filter && ModuleStreamState.For(filter.Context).Append(MetadataCallbacks.Text(ns), MetadataCallbacks.Text(key), value)
                ? (byte)1
                : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_add_dynamic_metadata_list_string")]
    private static byte AddString(nint stream, ModuleBuffer ns, ModuleBuffer key, ModuleBuffer value)
    {
        try
        {
            return ModuleFilter.Find(stream) is { } filter && ModuleStreamState.For(filter.Context).Append(MetadataCallbacks.Text(ns), MetadataCallbacks.Text(key), ModuleStreamState.Keep(value.Span))
                ? (byte)1
                : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_add_dynamic_metadata_list_bool")]
    private static byte AddBool(nint stream, ModuleBuffer ns, ModuleBuffer key, byte value)
    {
        try
        {
            return ModuleFilter.Find(stream) is { } filter && ModuleStreamState.For(filter.Context).Append(MetadataCallbacks.Text(ns), MetadataCallbacks.Text(key), value != 0)
                ? (byte)1
                : (byte)0;
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
        try
        {
            if (MetadataCallbacks.Value(stream, source, ns, key) is not List<object> list)
            {
                return 0;
            }

            *result = (nuint)list.Count;
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_list_number")]
    private static byte GetListNumber(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, nuint index, double* result)
    {
        try
        {
            if (MetadataCallbacks.Value(stream, source, ns, key) is not List<object> list || index >= (nuint)list.Count || list[(int)index] is not double value)
            {
                return 0;
            }

            *result = value;
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_list_string")]
    private static byte GetListString(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, nuint index, EnvoyBuffer* result)
    {
        try
        {
            if (MetadataCallbacks.Value(stream, source, ns, key) is not List<object> list || index >= (nuint)list.Count || list[(int)index] is not byte[] value)
            {
                return 0;
            }

            *result = LentMemory.Lend(value);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_metadata_list_bool")]
    private static byte GetListBool(nint stream, MetadataSource source, ModuleBuffer ns, ModuleBuffer key, nuint index, byte* result)
    {
        try
        {
            if (MetadataCallbacks.Value(stream, source, ns, key) is not List<object> list || index >= (nuint)list.Count || list[(int)index] is not bool value)
            {
                return 0;
            }

            *result = value ? (byte)1 : (byte)0;
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }
}
