using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Tracing. Outrider has none, so a stream has no span, as in an Envoy without a tracer, and what would be done with one does nothing.</summary>
internal static unsafe class SpanCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_active_span")]
    private static nint GetActiveSpan(nint stream)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_set_tag")]
    private static void SetTag(nint span, ModuleBuffer key, ModuleBuffer value)
    {
        CallbackGuard.Enter();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_set_tag_batch")]
    private static void SetTags(nint span, ModuleHeader* tags, nuint count)
    {
        CallbackGuard.Enter();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_set_operation")]
    private static void SetOperation(nint span, ModuleBuffer operation)
    {
        CallbackGuard.Enter();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_log")]
    private static void Log(nint stream, nint span, ModuleBuffer text)
    {
        CallbackGuard.Enter();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_set_sampled")]
    private static void SetSampled(nint span, byte sampled)
    {
        CallbackGuard.Enter();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_disable_local_decision")]
    private static void DisableLocalDecision(nint span)
    {
        CallbackGuard.Enter();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_get_baggage")]
    private static byte GetBaggage(nint span, ModuleBuffer key, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_set_baggage")]
    private static void SetBaggage(nint span, ModuleBuffer key, ModuleBuffer value)
    {
        CallbackGuard.Enter();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_get_trace_id")]
    private static byte GetTraceId(nint span, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_get_span_id")]
    private static byte GetSpanId(nint span, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_span_spawn_child")]
    private static nint SpawnChild(nint stream, nint span, ModuleBuffer operation)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_child_span_finish")]
    private static void FinishChild(nint span)
    {
        CallbackGuard.Enter();
    }
}
