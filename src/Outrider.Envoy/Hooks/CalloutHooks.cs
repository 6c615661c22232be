using System.Runtime.InteropServices;
using Outrider.Envoy.Streams;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Hooks;

/// <summary>What Envoy calls when a request that a filter made itself has its answer. Headers and slices are Envoy's until the hook returns.</summary>
internal static unsafe class CalloutHooks
{
    [UnmanagedCallersOnly(EntryPoint = HookNames.CalloutDone)]
    internal static void OnDone(nint envoy, nint module, ulong id, CalloutResult result, EnvoyHeader* headers, nuint headerCount, EnvoyBuffer* slices, nuint sliceCount)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            stream.Callouts?.OnDone(id, result, headers, headerCount, slices, sliceCount);
        }
        catch (Exception e)
        {
            stream.Filter.LogFailure(e);
        }
        finally
        {
            stream.Leave();
        }
    }
}
