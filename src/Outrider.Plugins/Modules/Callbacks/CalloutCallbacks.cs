using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>Requests of a module's own, to clusters of the configuration. Their answers come to the module's hooks, on the stream's thread.</summary>
internal static unsafe class CalloutCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_http_callout")]
    private static CalloutStart HttpCallout(nint stream, ulong* id, ModuleBuffer cluster, ModuleHeader* headers, nuint count, ModuleBuffer body, ulong timeout)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream) is { } filter
                ? filter.Callouts.Start(cluster.Span, headers, count, body.Span, endStream: true, timeout, streamed: false, out *id)
                : CalloutStart.CannotCreateRequest;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return CalloutStart.CannotCreateRequest;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_start_http_stream")]
    private static CalloutStart StartHttpStream(
        nint stream, ulong* id, ModuleBuffer cluster, ModuleHeader* headers, nuint count, ModuleBuffer body, byte endStream, ulong timeout)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream) is { } filter
                ? filter.Callouts.Start(cluster.Span, headers, count, body.Span, endStream != 0, timeout, streamed: true, out *id)
                : CalloutStart.CannotCreateRequest;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return CalloutStart.CannotCreateRequest;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_reset_http_stream")]
    private static void ResetHttpStream(nint stream, ulong id)
    {
        CallbackGuard.Enter();
        try
        {
            ModuleFilter.Find(stream)?.Callouts.Reset(id);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_stream_send_data")]
    private static byte StreamSendData(nint stream, ulong id, ModuleBuffer data, byte endStream)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream)?.Callouts.SendData(id, data.Span, endStream != 0) == true ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_stream_send_trailers")]
    private static byte StreamSendTrailers(nint stream, ulong id, ModuleHeader* trailers, nuint count)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream)?.Callouts.SendTrailers(id, trailers, count) == true ? (byte)1 : (byte)0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    // A configuration has no loop, and so no connections: what it wants to ask, a stream has to ask for it.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_http_callout")]
    private static CalloutStart ConfigHttpCallout(
        nint configuration, ulong* id, ModuleBuffer cluster, ModuleHeader* headers, nuint count, ModuleBuffer body, ulong timeout)
    {
        CallbackGuard.Enter();
        return CalloutStart.CannotCreateRequest;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_start_http_stream")]
    private static CalloutStart ConfigStartHttpStream(
        nint configuration, ulong* id, ModuleBuffer cluster, ModuleHeader* headers, nuint count, ModuleBuffer body, byte endStream, ulong timeout)
    {
        CallbackGuard.Enter();
        return CalloutStart.CannotCreateRequest;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_reset_http_stream")]
    private static void ConfigResetHttpStream(nint configuration, ulong id)
    {
        CallbackGuard.Enter();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_stream_send_data")]
    private static byte ConfigStreamSendData(nint configuration, ulong id, ModuleBuffer data, byte endStream)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_config_stream_send_trailers")]
    private static byte ConfigStreamSendTrailers(nint configuration, ulong id, ModuleHeader* trailers, nuint count)
    {
        CallbackGuard.Enter();
        return 0;
    }
}
