using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Secrets that Envoy fetches by SDS. There is no such source here: a subscription fails, with the number 0 that stands for none, and there is nothing to get.</summary>
internal static unsafe class SecretCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_generic_secret_subscribe")]
    private static nuint Subscribe(nint configuration, ModuleBuffer name, ModuleBuffer source)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_get_generic_secret")]
    private static byte ConfigGet(nint configuration, nuint id, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_get_generic_secret")]
    private static byte Get(nint stream, nuint id, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return 0;
    }
}
