using System.Runtime.InteropServices;
using Outrider.Envoy.Links;
using Outrider.Envoy.Logging;
using Outrider.Envoy.Streams;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Hooks;

/// <summary>
/// What Envoy calls for each stream, on the stream's worker. What a filter throws has been dealt with further in; whatever
/// else goes wrong stops the message here, and never crosses into Envoy.
/// </summary>
internal static unsafe class FilterHooks
{
    [UnmanagedCallersOnly(EntryPoint = HookNames.FilterNew)]
    internal static nint New(nint configuration, nint envoy)
    {
        try
        {
            return EnvoyConfiguration.FromHandle(configuration).Begin(envoy, null).Handle;
        }
        catch (Exception e)
        {
            ModuleLog.Error($"a stream could not begin: {e}");
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.RequestHeaders)]
    internal static HeadersStatus OnRequestHeaders(nint envoy, nint module, byte endStream)
        => StreamHook.Run(module, endStream, &RequestHeaders, HeadersStatus.StopIteration);

    /// <summary>The same for who has entered .NET already. Returns a <see cref="HeadersStatus"/>.</summary>
    internal static uint ShowRequestHeaders(nint module, byte endStream)
        => (uint)StreamHook.Run(module, endStream, &RequestHeaders, HeadersStatus.StopIteration);

    [UnmanagedCallersOnly(EntryPoint = HookNames.RequestBody)]
    internal static DataStatus OnRequestBody(nint envoy, nint module, byte endStream)
        => EnvoyStream.CellOf(module).PassesRequest ? DataStatus.Continue
        : StreamHook.Run(module, endStream, &RequestBody, DataStatus.StopIterationNoBuffer);

    [UnmanagedCallersOnly(EntryPoint = HookNames.RequestTrailers)]
    internal static TrailersStatus OnRequestTrailers(nint envoy, nint module)
        => EnvoyStream.CellOf(module).PassesRequest ? TrailersStatus.Continue
        : StreamHook.Run(module, 0, &RequestTrailers, TrailersStatus.StopIteration);

    [UnmanagedCallersOnly(EntryPoint = HookNames.ResponseHeaders)]
    internal static HeadersStatus OnResponseHeaders(nint envoy, nint module, byte endStream)
        => StreamHook.Run(module, endStream, &ResponseHeaders, HeadersStatus.StopIteration);

    [UnmanagedCallersOnly(EntryPoint = HookNames.ResponseBody)]
    internal static DataStatus OnResponseBody(nint envoy, nint module, byte endStream)
        => EnvoyStream.CellOf(module).PassesResponse(endStream != 0) ? DataStatus.Continue
        : StreamHook.Run(module, endStream, &ResponseBody, DataStatus.StopIterationNoBuffer);

    [UnmanagedCallersOnly(EntryPoint = HookNames.ResponseTrailers)]
    internal static TrailersStatus OnResponseTrailers(nint envoy, nint module)
        => EnvoyStream.CellOf(module).PassesResponse(endStream: true) ? TrailersStatus.Continue
        : StreamHook.Run(module, 0, &ResponseTrailers, TrailersStatus.StopIteration);

    [UnmanagedCallersOnly(EntryPoint = HookNames.Scheduled)]
    internal static void OnScheduled(nint envoy, nint module, ulong work) => StreamHook.Run(module, &Scheduled);

    [UnmanagedCallersOnly(EntryPoint = HookNames.DownstreamAboveHighWatermark)]
    internal static void OnAboveHighWatermark(nint envoy, nint module) => StreamHook.Run(module, &AboveHighWatermark);

    [UnmanagedCallersOnly(EntryPoint = HookNames.DownstreamBelowLowWatermark)]
    internal static void OnBelowLowWatermark(nint envoy, nint module) => StreamHook.Run(module, &BelowLowWatermark);

    [UnmanagedCallersOnly(EntryPoint = HookNames.LocalReply)]
    internal static LocalReplyStatus OnLocalReply(nint envoy, nint module, uint status, EnvoyBuffer details, byte resetImminent)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            return stream.Replies.OnLocal((int)status, details.Span) ? LocalReplyStatus.Continue : LocalReplyStatus.ContinueAndResetStream;
        }
        catch (Exception e)
        {
            stream.Filter.LogFailure(e);
            return LocalReplyStatus.Continue;
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.StreamComplete)]
    internal static void OnComplete(nint envoy, nint module)
    {
        if ((EnvoyStream.CellOf(module).Skips & HookSkips.Complete) == 0)
        {
            StreamHook.Run(module, &StreamComplete);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.FilterDestroy)]
    internal static void OnDestroy(nint module)
    {
        var stream = EnvoyStream.FromHandle(module);
        try
        {
            stream.OnDestroy();
        }
        catch (Exception e)
        {
            stream.Filter.LogFailure(e);
        }
    }

    private static HeadersStatus RequestHeaders(EnvoyStream stream, bool endStream) => stream.Request.OnHeaders(endStream);

    private static DataStatus RequestBody(EnvoyStream stream, bool endStream) => stream.Request.OnData(endStream);

    private static TrailersStatus RequestTrailers(EnvoyStream stream, bool endStream) => stream.Request.OnTrailers();

    private static HeadersStatus ResponseHeaders(EnvoyStream stream, bool endStream) => stream.Response.OnHeaders(endStream);

    private static DataStatus ResponseBody(EnvoyStream stream, bool endStream) => stream.Response.OnData(endStream);

    private static TrailersStatus ResponseTrailers(EnvoyStream stream, bool endStream) => stream.Response.OnTrailers();

    private static void Scheduled(EnvoyStream stream) => stream.Scheduler.Run();

    private static void AboveHighWatermark(EnvoyStream stream) => stream.OnResponseBlocked();

    private static void BelowLowWatermark(EnvoyStream stream) => stream.OnResponseUnblocked();

    private static void StreamComplete(EnvoyStream stream) => stream.OnComplete();
}
