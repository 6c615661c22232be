using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Bodies: the piece that a body hook received, and what the module has kept back so far. Each lies in one chunk, which is good until it is changed or the hook returns.</summary>
internal static unsafe class BodyCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_body_size")]
    private static nuint GetBodySize(nint stream, BodyKind kind)
    {
        CallbackGuard.Enter();
        return (nuint)(Find(stream, kind)?.Length ?? 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_body_chunks_size")]
    private static nuint GetBodyChunksSize(nint stream, BodyKind kind)
    {
        CallbackGuard.Enter();
        return Find(stream, kind) is { IsEmpty: false } ? 1u : 0u;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_body_chunks")]
    private static byte GetBodyChunks(nint stream, BodyKind kind, EnvoyBuffer* result)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is not { } filter || filter.Body(kind) is not { } body)
            {
                return 0;
            }

            if (!body.IsEmpty)
            {
                *result = filter.Lent.LendPinned(body.Memory);
            }

            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_append_body")]
    private static byte AppendBody(nint stream, BodyKind kind, ModuleBuffer data)
    {
        CallbackGuard.Enter();
        try
        {
            if (Find(stream, kind) is not { } body)
            {
                return 0;
            }

            body.Append(data.Span);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_drain_body")]
    private static byte DrainBody(nint stream, BodyKind kind, nuint count)
    {
        CallbackGuard.Enter();
        try
        {
            if (Find(stream, kind) is not { } body)
            {
                return 0;
            }

            body.Drain((int)Math.Min(count, (nuint)body.Length));
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_received_buffered_request_body")]
    private static byte ReceivedBufferedRequestBody(nint stream)
    {
        CallbackGuard.Enter();
        return ModuleFilter.Find(stream)?.HasReceivedHeld(response: false) == true ? (byte)1 : (byte)0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_received_buffered_response_body")]
    private static byte ReceivedBufferedResponseBody(nint stream)
    {
        CallbackGuard.Enter();
        return ModuleFilter.Find(stream)?.HasReceivedHeld(response: true) == true ? (byte)1 : (byte)0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_buffer_limit")]
    private static ulong GetBufferLimit(nint stream)
    {
        CallbackGuard.Enter();
        return (ulong)(ModuleFilter.Find(stream)?.Limit ?? 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_buffer_limit")]
    private static void SetBufferLimit(nint stream, ulong limit)
    {
        CallbackGuard.Enter();
        ModuleFilter.Find(stream)?.SetLimit(limit);
    }

    private static BodyHold? Find(nint stream, BodyKind kind) => ModuleFilter.Find(stream)?.Body(kind);
}
