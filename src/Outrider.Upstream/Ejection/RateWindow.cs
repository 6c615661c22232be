using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Ejection;

/// <summary>What a host's counters said at the end of the last interval, so that an interval's own numbers can be told. One thread at a time.</summary>
/// <param name="host">The host.</param>
internal sealed class RateWindow(UpstreamHost host)
{
    private Totals _last = Totals.Of(host);

    private readonly record struct Totals(long Results, long Failures, long LocalResults, long LocalFailures)
    {
        public static Totals Of(UpstreamHost host)
        {
            long results = 0, failures = 0, localResults = 0, localFailures = 0;
            for (int loop = 0; loop < host.Loops; loop++)
            {
                ref readonly var state = ref host.On(loop);
                results += Volatile.Read(in state.Results);
                failures += Volatile.Read(in state.Failures);
                localResults += Volatile.Read(in state.LocalResults);
                localFailures += Volatile.Read(in state.LocalFailures);
            }

            return new(results, failures, localResults, localFailures);
        }
    }

    /// <summary>The interval ends here, and another one begins.</summary>
    public void Take(out HostRate answers, out HostRate local)
    {
        var now = Totals.Of(host);
        answers = new(host, now.Results - _last.Results, now.Failures - _last.Failures);
        local = new(host, now.LocalResults - _last.LocalResults, now.LocalFailures - _last.LocalFailures);
        _last = now;
    }
}
