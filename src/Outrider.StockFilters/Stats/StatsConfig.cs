using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Stats;

/// <summary>MOSN's <c>istio.stats</c>: which metrics there are, what they count, and by which labels.</summary>
public sealed class StatsConfig : IValidatable, IMetricsUser, IExcuser
{
    /// <summary>No effect, as in MOSN. So for the six that say it.</summary>
    public string Debug { get; set; } = "";

    /// <summary>No effect, as in MOSN.</summary>
    public long MaxPeerCacheSize { get; set; }

    /// <summary>Stands before the metrics' names, with an underscore. Default: nothing.</summary>
    [Pattern("(" + StreamMetric.NamePattern + ")?", Wanted = "letters, digits and underscores")]
    public string StatPrefix { get; set; } = "";

    /// <summary>No effect, as in MOSN.</summary>
    public string FieldSeparator { get; set; } = "";

    /// <summary>No effect, as in MOSN.</summary>
    public string ValueSeparator { get; set; } = "";

    /// <summary>No effect, as in MOSN.</summary>
    public bool DisableHostHeaderFallback { get; set; }

    /// <summary>No effect, as in MOSN.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan TcpReportingDuration { get; set; }

    /// <summary>The labels, in the place of Istio's, which are the default.</summary>
    public MetricConfig[]? Metrics { get; set; }

    /// <summary>The metrics, in the place of Istio's four, which are the default.</summary>
    public MetricDefinition[]? Definitions { get; set; }

    [JsonIgnore]
    internal IReadOnlyList<StreamMetric> All { get; private set; } = [];

    /// <inheritdoc/>
    public void Validate()
    {
        var labels = Metrics is { Length: > 0 } given ? given : IstioDefaults.Metrics;
        for (int i = 0; i < labels.Length; i++)
        {
            (labels[i] ?? throw new FilterConfigurationException($"$.metrics[{i}]", "wanted an object")).Validate($"$.metrics[{i}]");
        }

        var definitions = Definitions is { Length: > 0 } own ? own : IstioDefaults.Definitions;
        All = [.. definitions.Select((definition, i) => new StreamMetric($"$.definitions[{i}]", definition ?? throw new FilterConfigurationException($"$.definitions[{i}]", "wanted an object"), StatPrefix, labels))];
        if (All.DistinctBy(metric => metric.Name).Count() != All.Count)
        {
            throw new FilterConfigurationException("$.definitions", "two metrics have one name");
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        foreach (var metric in All)
        {
            metric.Create(metrics);
        }
    }

    /// <inheritdoc/>
    public void Excuse(Action<string, string> excuse)
    {
        ArgumentNullException.ThrowIfNull(excuse);
        foreach (var (key, isSet) in new[]
        {
            ("debug", Debug.Length > 0), ("max_peer_cache_size", MaxPeerCacheSize != 0), ("field_separator", FieldSeparator.Length > 0), ("value_separator", ValueSeparator.Length > 0),
            ("disable_host_header_fallback", DisableHostHeaderFallback), ("tcp_reporting_duration", TcpReportingDuration != TimeSpan.Zero),
        })
        {
            if (isSet)
            {
                excuse("$." + key, "has no effect, as in MOSN");
            }
        }
    }
}
