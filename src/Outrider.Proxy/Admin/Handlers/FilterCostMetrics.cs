using System.Diagnostics;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>What filters cost, for Prometheus.</summary>
internal static class FilterCostMetrics
{
    private static readonly string[] s_phases = ["decode_headers", "decode_data", "decode_trailers", "decode_request", "encode_headers", "encode_data", "encode_trailers", "encode_response"];

    /// <summary>A phase as metrics and the admin API name it.</summary>
    internal static string NameOf(FilterPhase phase) => s_phases[(int)phase];

    /// <summary>Seconds of ticks.</summary>
    internal static double Seconds(long ticks) => (double)ticks / Stopwatch.Frequency;

    /// <summary>Writes all of them; nothing where none is measured.</summary>
    internal static void Write(PrometheusText text, IReadOnlyList<FilterCostStats> filters)
    {
        (FilterCostStats Filter, FilterPhase Phase, FilterCost Cost)[] costs = [.. filters.SelectMany(static filter => filter.Phases().Select(found => (filter, found.Phase, found.Cost)))];
        if (costs.Length == 0)
        {
            return;
        }

        void Each(PrometheusText family, Func<FilterCost, double> value)
        {
            foreach (var (filter, phase, cost) in costs)
            {
                _ = family.Sample(value(cost), ("listener", filter.Listener), ("filter", filter.Filter), ("phase", NameOf(phase)));
            }
        }

        Each(text.Counter("outrider_stream_filter_calls_total", "Calls of filters' methods."), static cost => cost.Calls);
        Each(text.Counter("outrider_stream_filter_seconds_total", "Time on the loop, from calls until they return."), static cost => Seconds(cost.Ticks));
        Each(text.Counter("outrider_stream_filter_waiting_seconds_total", "Time from calls that do not complete until their end."), static cost => Seconds(cost.WaitTicks));
        Each(text.Counter("outrider_stream_filter_errors_total", "Calls that failed."), static cost => cost.Errors);
        Each(text.Counter("outrider_stream_filter_allocated_bytes_total", "Bytes that the loop's thread allocated during calls."), static cost => cost.AllocatedBytes);
    }
}
