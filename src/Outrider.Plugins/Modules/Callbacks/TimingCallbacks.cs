using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Envoy.Abi;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>When what happened to a stream, as far as the proxy keeps it. What it does not keep is marked as not known.</summary>
internal static unsafe class TimingCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_timing_info")]
    private static void GetTimingInfo(nint stream, TimingInfo* result)
    {
        try
        {
            *result = default;
            new Span<long>(result->Values, TimingInfo.Count).Fill(-1);
            if (ModuleFilter.Find(stream) is not { } filter)
            {
                return;
            }

            var timings = filter.Context.Timings;
            // Ticks are 100 ns (DateTime), and a long of nanoseconds lasts until 2262.
            Store(result, TimingInfo.Place.StartTime, (timings.StartTime - DateTime.UnixEpoch).Ticks * 100);
            StoreIfThere(result, TimingInfo.Place.FirstUpstreamSent, timings.RequestReceived);
            StoreIfThere(result, TimingInfo.Place.FirstUpstreamReceived, timings.ResponseReceived);
            StoreIfThere(result, TimingInfo.Place.LastDownstreamSent, timings.RequestFinished);
            StoreIfThere(result, TimingInfo.Place.RequestComplete, timings.RequestFinished);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    private static void StoreIfThere(TimingInfo* result, TimingInfo.Place place, TimeSpan time)
    {
        if (time > TimeSpan.Zero)
        {
            Store(result, place, (long)time.TotalNanoseconds);
        }
    }

    private static void Store(TimingInfo* result, TimingInfo.Place place, long nanoseconds)
    {
        result->Values[(int)place] = nanoseconds;
        result->Known[(int)place] = 1;
    }
}
