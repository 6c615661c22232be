using Outrider.Filters;
using Outrider.Configuration.Model;

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
    public IHostPicker BuildPicker(BalancedHosts hosts, IHostPicker? previous) => new LeastOfDrawn<Latency>(hosts, options.ChoiceCount, new(options.Decay.TotalMilliseconds));

    private readonly struct Latency(double decay) : IHostCost
    {
        // What a host costs that has requests and has never answered: more than any that has.
        private const double Unknown = 1e12;

        public static long Now => Environment.TickCount64;

        public double Of(BalancedHosts hosts, int index, int loop, long now)
        {
            var host = hosts[index];
            double requests = host.ActiveRequestsOn(loop);
            double latency = host.LatencyOn(loop, out long at);
            latency = latency > 0 ? latency * Math.Exp(-Math.Max(0, now - at) / decay) : requests > 0 ? Unknown : 0;
            return latency * (requests + 1) / hosts.Weights[index];
        }
    }
}
