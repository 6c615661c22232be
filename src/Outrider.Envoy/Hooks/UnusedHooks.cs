using System.Runtime.InteropServices;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Hooks;

/// <summary>
/// Hooks for what this module never starts: callouts and events of a configuration. Envoy 1.40 looks
/// for all of them when it loads a module and refuses one that lacks any.
/// </summary>
internal static unsafe class UnusedHooks
{
    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigScheduled)]
    internal static void OnConfigScheduled(nint envoy, nint module, ulong work)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigCalloutDone)]
    internal static void OnConfigCalloutDone(nint envoy, nint module, ulong id, CalloutResult result, EnvoyHeader* headers, nuint headerCount, EnvoyBuffer* slices, nuint sliceCount)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigCalloutHeaders)]
    internal static void OnConfigCalloutHeaders(nint envoy, nint module, ulong id, EnvoyHeader* headers, nuint count, byte endStream)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigCalloutData)]
    internal static void OnConfigCalloutData(nint envoy, nint module, ulong id, EnvoyBuffer* slices, nuint count, byte endStream)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigCalloutTrailers)]
    internal static void OnConfigCalloutTrailers(nint envoy, nint module, ulong id, EnvoyHeader* trailers, nuint count)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigCalloutComplete)]
    internal static void OnConfigCalloutComplete(nint envoy, nint module, ulong id)
    {
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ConfigCalloutReset)]
    internal static void OnConfigCalloutReset(nint envoy, nint module, ulong id, CalloutResetReason reason)
    {
    }
}
