using System.Diagnostics;
using Outrider.Filters;

namespace Outrider.Bench.BurnFilter;

/// <summary>Keeps its loop busy for two milliseconds with each request, as a filter that computes something would (bench/overload.sh).</summary>
[StreamFilter("burn")]
public sealed class BurnFilter : StreamFilter
{
    private static readonly long s_duration = Stopwatch.Frequency / 500;

    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        long end = Stopwatch.GetTimestamp() + s_duration;
        while (Stopwatch.GetTimestamp() < end)
        {
        }

        return FilterAction.Continue;
    }
}
