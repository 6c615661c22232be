using System.Runtime.InteropServices;
using Outrider.Envoy.Abi;
using Outrider.Envoy.Configuration;
using Outrider.Envoy.Logging;
using Outrider.Envoy.Streams;

namespace Outrider.Envoy.Hooks;

/// <summary>
/// What Envoy calls for each stream, on the stream's worker. What a filter throws has been dealt with further in; whatever
/// else goes wrong stops the message here, and never crosses into Envoy.
/// </summary>
internal static class FilterHooks
{
    [UnmanagedCallersOnly(EntryPoint = HookNames.FilterNew)]
    internal static nint New(nint configuration, nint envoy)
    {
        try
        {
            return ModuleConfiguration.FromHandle(configuration).BeginStream(envoy).Handle;
        }
        catch (Exception e)
        {
            ModuleLog.Error($"a stream could not begin: {e}");
            return 0;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.RequestHeaders)]
    internal static HeadersStatus OnRequestHeaders(nint envoy, nint module, byte endStream)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            return stream.Request.OnHeaders(endStream != 0);
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
            return HeadersStatus.StopIteration;
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.RequestBody)]
    internal static DataStatus OnRequestBody(nint envoy, nint module, byte endStream)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            return stream.Request.OnData(endStream != 0);
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
            return DataStatus.StopIterationNoBuffer;
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.RequestTrailers)]
    internal static TrailersStatus OnRequestTrailers(nint envoy, nint module)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            return stream.Request.OnTrailers();
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
            return TrailersStatus.StopIteration;
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ResponseHeaders)]
    internal static HeadersStatus OnResponseHeaders(nint envoy, nint module, byte endStream)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            if (endStream != 0)
            {
                stream.OnResponded();
            }

            return stream.Response.OnHeaders(endStream != 0);
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
            return HeadersStatus.StopIteration;
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ResponseBody)]
    internal static DataStatus OnResponseBody(nint envoy, nint module, byte endStream)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            if (endStream != 0)
            {
                stream.OnResponded();
            }

            return stream.Response.OnData(endStream != 0);
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
            return DataStatus.StopIterationNoBuffer;
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.ResponseTrailers)]
    internal static TrailersStatus OnResponseTrailers(nint envoy, nint module)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            stream.OnResponded();
            return stream.Response.OnTrailers();
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
            return TrailersStatus.StopIteration;
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.Scheduled)]
    internal static void OnScheduled(nint envoy, nint module, ulong work)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            stream.Scheduler.Run();
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.DownstreamAboveHighWatermark)]
    internal static void OnAboveHighWatermark(nint envoy, nint module)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            stream.OnResponseBlocked();
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.DownstreamBelowLowWatermark)]
    internal static void OnBelowLowWatermark(nint envoy, nint module)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            stream.OnResponseUnblocked();
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
        }
        finally
        {
            stream.Leave();
        }
    }

    [UnmanagedCallersOnly(EntryPoint = HookNames.LocalReply)]
    internal static LocalReplyStatus OnLocalReply(nint envoy, nint module, uint status, EnvoyBuffer details, byte resetImminent)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            return stream.OnLocalReply((int)status, details.Span) ? LocalReplyStatus.Continue : LocalReplyStatus.ContinueAndResetStream;
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
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
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            stream.OnComplete();
        }
        catch (Exception e)
        {
            stream.LogFailure(e);
        }
        finally
        {
            stream.Leave();
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
            stream.LogFailure(e);
        }
    }
}
