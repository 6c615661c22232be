using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Envoy.Abi;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Filter state of a stream: bytes under a key, from one module to another. There are no types of state here, so "typed" is the same.</summary>
internal static unsafe class FilterStateCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_filter_state_bytes")]
    private static byte SetBytes(nint stream, ModuleBuffer key, ModuleBuffer value)
    {
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter)
            {
                return 0;
            }

            filter.Context.SetFilterState(Encoding.UTF8.GetString(key.Span), value.Span);
            return 1;
        }
        catch (InvalidOperationException)
        {
            // It is set already, and keeps its value.
            return 0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_filter_state_bytes")]
    private static byte GetBytes(nint stream, ModuleBuffer key, EnvoyBuffer* result)
    {
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || filter.Context.GetFilterState(Encoding.UTF8.GetString(key.Span)) is not { } value)
            {
                return 0;
            }

            *result = filter.Lent.LendCopy(value);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_filter_state_typed")]
    private static byte SetTyped(nint stream, ModuleBuffer key, ModuleBuffer value)
    {
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter)
            {
                return 0;
            }

            filter.Context.SetFilterState(Encoding.UTF8.GetString(key.Span), value.Span);
            return 1;
        }
        catch (InvalidOperationException)
        {
            // It is set already, and keeps its value.
            return 0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_filter_state_typed")]
    private static byte GetTyped(nint stream, ModuleBuffer key, EnvoyBuffer* result)
    {
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || filter.Context.GetFilterState(Encoding.UTF8.GetString(key.Span)) is not { } value)
            {
                return 0;
            }

            *result = filter.Lent.LendCopy(value);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }
}
