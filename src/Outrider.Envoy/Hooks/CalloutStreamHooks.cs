using System.Runtime.InteropServices;
using Outrider.Envoy.Callouts;
using Outrider.Envoy.Streams;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Hooks;

/// <summary>What Envoy calls as a callout is answered piece by piece. Headers and slices are Envoy's until the hook returns.</summary>
internal static unsafe class CalloutStreamHooks
{
    [UnmanagedCallersOnly(EntryPoint = HookNames.CalloutHeaders)]
    internal static void OnHeaders(nint envoy, nint module, ulong id, EnvoyHeader* headers, nuint count, byte endStream)
        => Run(module, id, new Event(Kind.Headers, headers, null, (int)count, endStream != 0));

    [UnmanagedCallersOnly(EntryPoint = HookNames.CalloutData)]
    internal static void OnData(nint envoy, nint module, ulong id, EnvoyBuffer* slices, nuint count, byte endStream)
        => Run(module, id, new Event(Kind.Data, null, slices, (int)count, endStream != 0));

    [UnmanagedCallersOnly(EntryPoint = HookNames.CalloutTrailers)]
    internal static void OnTrailers(nint envoy, nint module, ulong id, EnvoyHeader* trailers, nuint count)
        => Run(module, id, new Event(Kind.Trailers, trailers, null, (int)count, true));

    [UnmanagedCallersOnly(EntryPoint = HookNames.CalloutComplete)]
    internal static void OnComplete(nint envoy, nint module, ulong id) => Run(module, id, new Event(Kind.Complete, null, null, 0, true));

    [UnmanagedCallersOnly(EntryPoint = HookNames.CalloutReset)]
    internal static void OnReset(nint envoy, nint module, ulong id, CalloutResetReason reason) => Run(module, id, new Event(Kind.Reset, null, null, (int)reason, true));

    private enum Kind
    {
        Headers,
        Data,
        Trailers,
        Complete,
        Reset,
    }

    private static void Run(nint module, ulong id, Event what)
    {
        var stream = EnvoyStream.FromHandle(module);
        stream.Enter();
        try
        {
            if (stream.Callouts.Find(id) is { } callout)
            {
                callout.Id = id;
                what.TellTo(callout);
            }
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

    private readonly ref struct Event(Kind kind, EnvoyHeader* headers, EnvoyBuffer* slices, int count, bool endStream)
    {
        internal void TellTo(EnvoyCalloutStream callout)
        {
            switch (kind)
            {
                case Kind.Headers:
                    callout.OnHeaders(new(headers, count), endStream);
                    break;
                case Kind.Data:
                    callout.OnData(new(slices, count), endStream);
                    break;
                case Kind.Trailers:
                    callout.OnTrailers(new(headers, count));
                    break;
                case Kind.Complete:
                    callout.OnComplete();
                    break;
                default:
                    callout.OnReset((CalloutResetReason)count);
                    break;
            }
        }
    }
}
