using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Outrider.Filters;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Configurations;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>The course of a stream: on, back, to an end, by an answer. All of it happens when the hook that asks for it has returned.</summary>
internal static unsafe class StreamCallbacks
{
    private const string P = CallbackGuard.Prefix;

    // Characters of all flags of a stream: a module that sets one with each piece of a body must not fill the memory.
    private const int MaxFlags = 1024;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_continue_decoding")]
    private static void ContinueDecoding(nint stream)
    {
        CallbackGuard.Enter();
        ModuleFilter.Find(stream)?.Effects.Continue(response: false);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_continue_encoding")]
    private static void ContinueEncoding(nint stream)
    {
        CallbackGuard.Enter();
        ModuleFilter.Find(stream)?.Effects.Continue(response: true);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_clear_route_cache")]
    private static void ClearRouteCache(nint stream)
    {
        CallbackGuard.Enter();
        ModuleFilter.Find(stream)?.Effects.ClearRoute();
    }

    // The cluster is chosen after the filters, so there is nothing to forget.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_clear_route_cluster_cache")]
    private static void ClearRouteClusterCache(nint stream)
    {
        CallbackGuard.Enter();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_send_response")]
    private static void SendResponse(nint stream, uint status, ModuleHeader* headers, nuint count, ModuleBuffer body, ModuleBuffer details)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is { } filter)
            {
                LocalReply reply;
                try
                {
                    reply = ModuleHeaders.MakeReply(status, headers, count, body.Span, details.Span);
                }
                catch (Exception e) when (e is ArgumentException or OverflowException)
                {
                    filter.Context.Log.Error($"the module's answer cannot be sent: {e.Message}");
                    reply = new LocalReply(500, "internal error");
                }

                filter.Effects.Answer(reply);
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_send_response_headers")]
    private static void SendResponseHeaders(nint stream, ModuleHeader* headers, nuint count, byte endStream)
    {
        CallbackGuard.Enter();
        try
        {
            ModuleFilter.Find(stream)?.PieceByPiece.SendHead(ModuleHeaders.Copy(headers, count), endStream != 0);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_send_response_data")]
    private static void SendResponseData(nint stream, ModuleBuffer data, byte endStream)
    {
        CallbackGuard.Enter();
        try
        {
            ModuleFilter.Find(stream)?.PieceByPiece.SendData(data.Span, endStream != 0);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_send_response_trailers")]
    private static void SendResponseTrailers(nint stream, ModuleHeader* headers, nuint count)
    {
        CallbackGuard.Enter();
        try
        {
            ModuleFilter.Find(stream)?.PieceByPiece.SendTrailers(ModuleHeaders.Copy(headers, count));
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_reset_stream")]
    private static void ResetStream(nint stream, StreamResetReason reason, ModuleBuffer details)
    {
        CallbackGuard.Enter();
        try
        {
            ModuleFilter.Find(stream)?.Effects.Reset(details.Length == 0 ? null : Encoding.UTF8.GetString(details.Span));
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    // HTTP/1.1 has no GOAWAY; "connection: close" is what it says instead, after the response in either case.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_send_go_away_and_close")]
    private static void SendGoAwayAndClose(nint stream, byte graceful)
    {
        CallbackGuard.Enter();
        ModuleFilter.Find(stream)?.Control.CloseAfterResponse();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_recreate_stream")]
    private static byte RecreateStream(nint stream, ModuleHeader* headers, nuint count)
    {
        CallbackGuard.Enter();
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_set_upstream_override_host")]
    private static byte SetUpstreamOverrideHost(nint stream, ModuleBuffer host, byte strict)
    {
        CallbackGuard.Enter();
        try
        {
            string text = Encoding.UTF8.GetString(host.Span);
            if (ModuleFilter.Find(stream) is not { } filter || !IPEndPoint.TryParse(text, out var address) || address.Port == 0)
            {
                return 0;
            }

            filter.Control.WantHost(text, strict != 0);
            return 1;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_filter_get_worker_index")]
    private static uint GetWorkerIndex(nint stream)
    {
        CallbackGuard.Enter();
        return (uint)(ModuleFilter.Find(stream)?.Control.Loop?.Index ?? 0);
    }

    // Flags of our own access log are a fixed set; the word is kept as a variable for formats that name it.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_add_custom_flag")]
    private static void AddCustomFlag(nint stream, ModuleBuffer flag)
    {
        CallbackGuard.Enter();
        try
        {
            if (ModuleFilter.Find(stream) is { } filter)
            {
                string text = Encoding.UTF8.GetString(flag.Span);
                string all = filter.Context.GetVariable("module.flags") is string before ? before + "," + text : text;
                if (all.Length <= MaxFlags)
                {
                    filter.Context.SetVariable("module.flags", all);
                }
            }
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "get_most_specific_route_config")]
    private static nint GetMostSpecificRouteConfig(nint stream)
    {
        CallbackGuard.Enter();
        try
        {
            return ModuleFilter.Find(stream) is { } filter && filter.Control.RouteConfigurationOf(filter) is ModuleRouteConfiguration configuration ? configuration.Native : 0;
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
            return 0;
        }
    }
}
