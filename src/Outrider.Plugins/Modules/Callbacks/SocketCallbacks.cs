using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Options of sockets, which are the proxy's: none can be set or read.</summary>
internal static unsafe class SocketCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_socket_option_int")]
    private static byte SetInt(nint stream, long level, long name, int state, int direction, long value)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_socket_option_bytes")]
    private static byte SetBytes(nint stream, long level, long name, int state, int direction, ModuleBuffer value)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_socket_option_int")]
    private static byte GetInt(nint stream, long level, long name, int state, int direction, long* value)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_socket_option_bytes")]
    private static byte GetBytes(nint stream, long level, long name, int state, int direction, EnvoyBuffer* value)
    {
        CallbackGuard.Enter();
        return 0;
    }
}
