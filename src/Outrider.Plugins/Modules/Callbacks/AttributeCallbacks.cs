using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>What a module may know of its stream by number: request, response, connection, upstream, route. An attribute that does not exist here, or not yet, is not found.</summary>
internal static unsafe class AttributeCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_get_attribute_string")]
    private static byte GetString(nint stream, AttributeId id, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream) is { } filter && StreamAttributes.TryGetText(filter, id, out *result) ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_get_attribute_int")]
    private static byte GetInt(nint stream, AttributeId id, ulong* result)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream) is { } filter && StreamAttributes.TryGetNumber(filter, id, out *result) ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_get_attribute_bool")]
    private static byte GetBool(nint stream, AttributeId id, byte* result)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || StreamAttributes.GetFlag(filter, id) is not { } flag)
            {
                return 0;
            }

            *result = flag ? (byte)1 : (byte)0;
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }
}
