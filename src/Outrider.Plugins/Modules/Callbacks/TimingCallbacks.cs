using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Outrider.Modules.Abi;
using Outrider.Plugins.Modules.Linking;
using Outrider.Plugins.Modules.Streams;

namespace Outrider.Plugins.Modules.Callbacks;

/// <summary>When what happened to a stream, as far as the proxy keeps it. What it does not keep is marked as not known.</summary>
internal static unsafe class TimingCallbacks
{
    private const string P = CallbackGuard.Prefix;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)], EntryPoint = P + "http_get_timing_info")]
    private static void GetTimingInfo(nint stream, TimingInfo* result)
    {
        CallbackGuard.Enter();
        try
        {
            *result = TimingInfo.Unknown;
            if (ModuleFilter.Find(stream) is not { } filter)
            {
                return;
            }

            var timings = filter.Context.Timings;
            // Ticks are 100 ns (DateTime), and a long of nanoseconds lasts until 2262.
            (*result)[TimePoint.Start] = (timings.StartTime - DateTime.UnixEpoch).Ticks * 100;
            (*result)[TimePoint.FirstUpstreamByteSent] = Nanoseconds(timings.RequestReceived);
            (*result)[TimePoint.FirstUpstreamByteReceived] = Nanoseconds(timings.ResponseReceived);
            (*result)[TimePoint.LastDownstreamByteSent] = Nanoseconds(timings.RequestFinished);
            (*result)[TimePoint.RequestComplete] = Nanoseconds(timings.RequestFinished);
        }
        catch (Exception e)
        {
            CallbackGuard.Report(e);
        }
    }

    private static long? Nanoseconds(TimeSpan time) => time > TimeSpan.Zero ? (long)time.TotalNanoseconds : null;
}
