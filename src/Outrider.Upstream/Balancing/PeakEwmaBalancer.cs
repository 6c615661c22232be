using Outrider.Configuration.Model;
using Outrider.Filters;
using Outrider.Upstream.Hosts;

namespace Outrider.Upstream.Balancing;

/// <summary>
/// Of some hosts drawn at random by weight, the one whose answers take the least, times the requests that it has: the time is a moving average that follows
/// what is slower at once and what is faster little by little (peak EWMA, as in Finagle). A host that gets nothing is forgotten its slowness with time.
/// </summary>
/// <param name="options">How many hosts are drawn, and how fast measurements are forgotten.</param>
internal sealed class PeakEwmaBalancer(BalancerOptions options) : ILoadBalancer
{
    /// <summary>The name in the configuration.</summary>
    public const string BalancerName = "LB_PEAK_EWMA";

    /// <inheritdoc/>
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new LeastOfDrawn<Latency>((HostSet)hosts, options.ChoiceCount, new(options.Decay.TotalMilliseconds));

    private readonly struct Latency(double decay) : IHostCost
    {
        // What a host costs that has requests and has never answered: more than any that has.
        private const double Unknown = 1e12;

        public static long Now => Environment.TickCount64;

        public double Of(in HostPlace host, int loop, long now)
        {
            double requests = host.Loads.Requests(loop, host.Index);
            ref readonly var measured = ref host.Loads.Latency(loop, host.Index);
            double latency = measured.Average;
            latency = latency > 0 ? latency * Math.Exp(-Math.Max(0, now - measured.At) / decay) : requests > 0 ? Unknown : 0;
            return latency * (requests + 1) / host.Weight;
        }
    }
}
