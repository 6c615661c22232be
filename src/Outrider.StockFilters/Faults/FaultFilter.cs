using Outrider.Filters;

namespace Outrider.StockFilters.Faults;

/// <summary>Makes some requests wait, answers some with an error, to try what a system does then: MOSN's <c>pkg/filter/stream/faultinject</c>.</summary>
[StreamFilter("fault", Phase = ReceiverPhase.AfterRoute, JsonContext = typeof(FaultsJson))]
public sealed class FaultFilter(FaultConfig config) : StreamFilter
{
    /// <inheritdoc/>
    public override ValueTask<FilterAction> DecodeHeadersAsync(RequestHeaders headers, bool endStream)
    {
        var fault = Stream.ConfigurationOr(config);
        if (!Applies(fault, headers))
        {
            return FilterAction.Continue;
        }

        return fault.Delay is { } delay && delay.FixedDelay > TimeSpan.Zero && Falls(delay.Percentage)
            ? DelayAsync(fault, delay.FixedDelay)
            : AbortOrContinue(fault);
    }

    /// <summary>The filter keeps nothing of a stream.</summary>
    public override bool TryReset() => true;

    private static bool Falls(int percentage) => percentage > 0 && Random.Shared.Next(100) < percentage;

    private static FilterAction AbortOrContinue(FaultConfig fault)
    {
        if (fault.Abort is not { } abort || !Falls(abort.Percentage))
        {
            return FilterAction.Continue;
        }

        fault.Aborts.Increment();
        return Reply(abort.Reply);
    }

    private async ValueTask<FilterAction> DelayAsync(FaultConfig fault, TimeSpan delay)
    {
        fault.Delays.Increment();
        await Task.Delay(delay, Stream.Time, Stream.Aborted);
        return AbortOrContinue(fault);
    }

    // Without a route, as MOSN: the cluster does not matter.
    private bool Applies(FaultConfig fault, RequestHeaders headers)
    {
        if (fault.UpstreamCluster.Length > 0 && Stream.Route is { } route && (route.ClusterName ?? Stream.ClusterName) != fault.UpstreamCluster)
        {
            return false;
        }

        for (int i = 0; i < fault.Headers?.Length; i++)
        {
            if (!fault.Headers[i].Match.Matches(headers))
            {
                return false;
            }
        }

        return true;
    }
}
