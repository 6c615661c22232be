using Outrider.Proxy.Telemetry;
using Outrider.Telemetry;

namespace Outrider.Proxy.Admin.Handlers;

/// <summary>A histogram in Envoy's form, in milliseconds.</summary>
/// <param name="Scope">As in <see cref="EnvoyStat"/>.</param>
/// <param name="Owner">As in <see cref="EnvoyStat"/>.</param>
/// <param name="Name">As in <see cref="EnvoyStat"/>.</param>
/// <param name="Times">What it has recorded, in microseconds.</param>
internal readonly record struct EnvoyHistogram(string Scope, string Owner, string Name, LatencyHistogram Times)
{
    /// <summary>The quantiles that Envoy computes, in percent.</summary>
    public static readonly double[] Quantiles = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100];

    /// <summary>As in <see cref="EnvoyStat"/>.</summary>
    public string FullName => $"{Scope}.{Owner}.{Name}";

    /// <summary>A quantile since the process started; null where nothing was recorded.</summary>
    public double? At(double percent) => Times.Count == 0 ? null : (percent >= 100 ? Times.Max : Times.Quantile(percent / 100)) / 1000.0;
}
