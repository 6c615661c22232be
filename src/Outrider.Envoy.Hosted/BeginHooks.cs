using System.Runtime.InteropServices;
using Outrider.Envoy.Hooks;
using Outrider.Envoy.Links;
using Outrider.Envoy.Logging;
using Outrider.Envoy.Streams;

namespace Outrider.Envoy.Hosted;

/// <summary>
/// How streams begin where a part in C stands between Envoy and .NET: with the first call that they are there for, most often that of the request's head,
/// in the same entry into .NET. What Envoy holds of a stream is the C part's (<c>stream_t</c> in <c>native/outrider_module.c</c>).
/// </summary>
internal static unsafe class BeginHooks
{
    /// <summary><c>bool (module config, envoy, stream_t *)</c>: false when it cannot begin.</summary>
    internal const string Begin = "outrider_module_begin";

    /// <summary><c>uint32 (module config, envoy, stream_t *, bool end)</c>: the same, and then the request's head.</summary>
    internal const string BeginRequest = "outrider_module_begin_request";

    // The head goes no further.
    private const uint Stop = 1;

    [UnmanagedCallersOnly(EntryPoint = Begin)]
    internal static byte OnBegin(nint configuration, nint envoy, nint cell) => TryBegin(configuration, envoy, cell) ? (byte)1 : (byte)0;

    [UnmanagedCallersOnly(EntryPoint = BeginRequest)]
    internal static uint OnBeginRequest(nint configuration, nint envoy, nint cell, byte endStream)
        => TryBegin(configuration, envoy, cell) ? FilterHooks.ShowRequestHeaders(cell, endStream) : Stop;

    private static bool TryBegin(nint configuration, nint envoy, nint cell)
    {
        try
        {
            _ = EnvoyConfiguration.FromHandle(configuration).Begin(envoy, (StreamCell*)cell);
            return true;
        }
        catch (Exception e)
        {
            ModuleLog.Error($"a stream could not begin: {e}");
            return false;
        }
    }
}
