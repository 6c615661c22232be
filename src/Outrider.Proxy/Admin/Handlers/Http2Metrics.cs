using Outrider.Http.Streams;
using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>What connections of HTTP/2 have counted, for <c>/metrics</c> and for <c>/api/v1/stats</c>. Any thread.</summary>
internal static class Http2Metrics
{
    internal static void Write(PrometheusText text, MultiplexCounts downstream, MultiplexCounts upstream)
    {
        (string Side, MultiplexCounts Counts)[] sides = [("downstream", downstream), ("upstream", upstream)];
        text.Counter("outrider_http2_streams_total", "Streams of HTTP/2 that began.");
        Array.ForEach(sides, side => text.Sample(side.Counts.Streams, ("side", side.Side)));
        text.Counter("outrider_http2_resets_total", "Streams of HTTP/2 that were reset, by who did it and why.");
        foreach (var (side, counts) in sides)
        {
            for (int reason = 0; reason < MultiplexCounts.Reasons.Count; reason++)
            {
                Sample(counts.ResetsSent(reason), side, "sent", reason);
                Sample(counts.ResetsReceived(reason), side, "received", reason);
            }
        }

        text.Counter("outrider_http2_goaways_total", "GOAWAYs, by who said so.");
        foreach (var (side, counts) in sides)
        {
            text.Sample(counts.GoAwaysSent, ("side", side), ("direction", "sent")).Sample(counts.GoAwaysReceived, ("side", side), ("direction", "received"));
        }

        text.Counter("outrider_http2_windows_shut_total", "How often data had to wait for a window.");
        foreach (var (side, counts) in sides)
        {
            text.Sample(counts.StreamWindowsShut, ("side", side), ("window", "stream")).Sample(counts.ConnectionWindowsShut, ("side", side), ("window", "connection"));
        }

        // Most reasons never come.
        void Sample(long count, string side, string direction, int reason)
        {
            if (count > 0)
            {
                text.Sample(count, ("side", side), ("direction", direction), ("reason", MultiplexCounts.Reasons[reason]));
            }
        }
    }

    /// <summary>The same as a group of counters with names.</summary>
    internal static SortedDictionary<string, decimal> Group(MultiplexCounts counts)
    {
        var group = new SortedDictionary<string, decimal>(StringComparer.Ordinal)
        {
            ["stream_total"] = counts.Streams,
            ["goaway_sent"] = counts.GoAwaysSent,
            ["goaway_received"] = counts.GoAwaysReceived,
            ["window_shut_stream"] = counts.StreamWindowsShut,
            ["window_shut_connection"] = counts.ConnectionWindowsShut,
        };
        for (int reason = 0; reason < MultiplexCounts.Reasons.Count; reason++)
        {
            Add("reset_sent_", reason, counts.ResetsSent(reason));
            Add("reset_received_", reason, counts.ResetsReceived(reason));
        }

        return group;

        void Add(string prefix, int reason, long count)
        {
            if (count > 0)
            {
                group[prefix + MultiplexCounts.Reasons[reason].ToLowerInvariant()] = count;
            }
        }
    }
}
