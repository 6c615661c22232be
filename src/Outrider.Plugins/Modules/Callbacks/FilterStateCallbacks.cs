using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Metadata;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>
/// Filter state of a stream, from one module to another: bytes, or an object of the module's own, under a key. There are no types of
/// state here, so "typed" is the same as bytes. It lives as long as the stream; what is asked to live as long as the connection is refused.
/// </summary>
internal static unsafe class FilterStateCallbacks
{
    private const string P = CallbackGuard.Prefix;

    // Of the ABI's life spans (filter chain, request, connection) the last.
    private const uint Connection = 2;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_filter_state_bytes")]
    private static byte SetBytes(nint stream, ModuleBuffer key, ModuleBuffer value)
    {
        CallbackGuard.Enter();
        return Set(stream, key, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_filter_state_typed")]
    private static byte SetTyped(nint stream, ModuleBuffer key, ModuleBuffer value)
    {
        CallbackGuard.Enter();
        return Set(stream, key, value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_filter_state_value")]
    private static byte SetValue(nint stream, ModuleBuffer key, ModuleBuffer value, uint lifeSpan, uint sharing)
    {
        CallbackGuard.Enter();
        return lifeSpan < Connection ? Set(stream, key, value) : (byte)0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_filter_state_bytes")]
    private static byte GetBytes(nint stream, ModuleBuffer key, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return Get(stream, key, result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_filter_state_typed")]
    private static byte GetTyped(nint stream, ModuleBuffer key, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return Get(stream, key, result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_has_filter_state")]
    private static byte Has(nint stream, ModuleBuffer key)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter)
            {
                return 0;
            }

            string name = key.Text;
            return ModuleStreamState.Of(filter.Context)?.Objects?.Contains(name) == true || filter.Context.GetFilterState(name) is not null ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_filter_state_object")]
    private static byte SetObject(nint stream, ModuleBuffer key, nint value, nint destructor, uint lifeSpan)
    {
        CallbackGuard.Enter();
        bool stored = false;
        try
        {
            if (lifeSpan < Connection && ModuleFilter.Find(stream) is { } filter)
            {
                string name = key.Text;
                stored = filter.Context.GetFilterState(name) is null && ModuleStreamState.ObjectsFor(filter.Context, filter.Control).Set(name, value, destructor, lifeSpan);
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }

        if (!stored)
        {
            // It was given away with the call, whatever becomes of it.
            StateObjects.Destroy(value, destructor);
        }

        return stored ? (byte)1 : (byte)0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_filter_state_object")]
    private static nint GetObject(nint stream, ModuleBuffer key)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream) is { } filter ? ModuleStreamState.Of(filter.Context)?.Objects?.Get(key.Text) ?? 0 : 0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    private static byte Set(nint stream, ModuleBuffer key, ModuleBuffer value)
    {
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter)
            {
                return 0;
            }

            string name = key.Text;
            if (ModuleStreamState.Of(filter.Context)?.Objects?.Contains(name) == true)
            {
                return 0;
            }

            filter.Context.SetFilterState(name, value.Span);
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

    private static byte Get(nint stream, ModuleBuffer key, EnvoyBuffer* result)
    {
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || filter.Context.GetFilterState(key.Text) is not { } value)
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
