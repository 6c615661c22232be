using System.Text.Json.Serialization;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Faults;

/// <summary>MOSN's: <c>{ "delay": { "percentage": 100, "fixed_delay": "1s" }, "abort": { "percentage": 10, "status": 500 } }</c>.</summary>
public sealed class FaultConfig : IValidatable, IMetricsUser
{
    /// <summary>Makes requests wait. Default: none.</summary>
    public FaultDelayConfig? Delay { get; set; }

    /// <summary>Answers requests. Default: none.</summary>
    public FaultAbortConfig? Abort { get; set; }

    /// <summary>Only requests whose route names this cluster alone. Default, and empty: all.</summary>
    public string UpstreamCluster { get; set; } = "";

    /// <summary>Only requests that have all of these. Default: all.</summary>
    public HeaderMatchConfig[]? Headers { get; set; }

    [JsonIgnore]
    internal FilterCounter Delays { get; private set; } = null!;

    [JsonIgnore]
    internal FilterCounter Aborts { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        Abort?.Validate("$.abort");
        for (int i = 0; i < Headers?.Length; i++)
        {
            (Headers[i] ?? throw new FilterConfigurationException($"$.headers[{i}]", "wanted an object")).Validate($"$.headers[{i}]");
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Delays = metrics.CreateCounter("delays_injected");
        Aborts = metrics.CreateCounter("aborts_injected");
    }
}
