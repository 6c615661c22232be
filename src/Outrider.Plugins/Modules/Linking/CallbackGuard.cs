using System.Runtime.CompilerServices;
using Outrider.Filters;
using Outrider.Plugins.Modules.Logging;
using Outrider.Plugins.Modules.Signals;

namespace Outrider.Plugins.Modules.Linking;

/// <summary>What the callbacks do alike. No exception may leave one of them: below lies a module's stack, which knows nothing of exceptions.</summary>
internal static class CallbackGuard
{
    /// <summary>Before every entry point's own name.</summary>
    internal const string Prefix = "envoy_dynamic_module_callback_";

    /// <summary>Begins every callback: what is one is on a thread of ours, or on one that a module started.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Enter()
    {
        if (SignalShield.IsNeeded)
        {
            SignalShield.EnterCallback();
        }
    }

    /// <summary>A callback failed: for the module it did nothing.</summary>
    internal static void Report(Exception e, [CallerMemberName] string callback = "")
    {
        // What the module asked for cannot be (a header that is none, a length that no memory has): its author wants to know, an operator does not.
        bool isModules = e is ArgumentException or FormatException or OverflowException;
        ModuleLog.Write(
            isModules ? StreamLogLevel.Debug : StreamLogLevel.Error,
            isModules ? $"module callback {callback}: {e.Message}" : $"module callback {callback} failed: {e}");
    }
}
