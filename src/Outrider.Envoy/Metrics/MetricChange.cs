using Outrider.Envoy.Callbacks;
using Outrider.Modules.Abi;

namespace Outrider.Envoy.Metrics;

/// <summary>A way to change metrics, found when it is first used: through the configuration where Envoy has that, otherwise through a stream.</summary>
internal sealed unsafe class MetricChange
{
    private delegate* unmanaged<nint, nuint, ModuleBuffer*, nuint, ulong, MetricsResult> _function;

    private MetricChange(string name) => Name = name;

    internal static MetricChange IncrementCounter { get; } = new("increment_counter");

    internal static MetricChange IncrementGauge { get; } = new("increment_gauge");

    internal static MetricChange DecrementGauge { get; } = new("decrement_gauge");

    internal static MetricChange SetGauge { get; } = new("set_gauge");

    internal static MetricChange RecordHistogram { get; } = new("record_histogram_value");

    internal string Name { get; }

    /// <summary>Does the function want a stream where newer ones want the configuration?</summary>
    internal bool IsOfStream { get; private set; }

    internal delegate* unmanaged<nint, nuint, ModuleBuffer*, nuint, ulong, MetricsResult> Function
    {
        get
        {
            if (_function == null)
            {
                IsOfStream = !Callback.TryFind("http_filter_config_" + Name, out _);
                _function = MetricCallbacks.FindChange(Name, IsOfStream);
            }

            return _function;
        }
    }
}
