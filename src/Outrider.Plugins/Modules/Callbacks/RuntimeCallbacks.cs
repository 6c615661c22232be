using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Envoy's runtime: values that an operator changes while it runs. Outrider has no such layer, so every key is missing, and the module's own default stands. Any thread.</summary>
internal static class RuntimeCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "get_runtime_bool")]
    private static byte GetBool(ModuleBuffer key, byte fallback)
    {
        CallbackGuard.Enter();
        return fallback;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "get_runtime_int")]
    private static ulong GetInt(ModuleBuffer key, ulong fallback)
    {
        CallbackGuard.Enter();
        return fallback;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "get_runtime_number")]
    private static double GetNumber(ModuleBuffer key, double fallback)
    {
        CallbackGuard.Enter();
        return fallback;
    }
}
