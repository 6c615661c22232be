using System.Text.Json;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Transcoding;

/// <summary>MOSN's: <c>{ "type": "xml-json", "trans": { "receiver_phase": 1 } }</c>, or rules, of which the first that a request matches counts.</summary>
public sealed class TranscoderConfig : IValidatable, IMetricsUser
{
    /// <summary>The transcoder of all requests that no rule is for.</summary>
    public string Type { get; set; } = "";

    /// <summary>Ours: what the transcoder of <see cref="Type"/> is told.</summary>
    public JsonElement? Config { get; set; }

    /// <summary>MOSN's: in which phase requests are rewritten.</summary>
    public TranscoderPhaseConfig? Trans { get; set; }

    /// <summary>Transcoders of some requests.</summary>
    public TranscoderRuleConfig[]? Rules { get; set; }

    /// <summary>Of a route: nothing is rewritten. Default false.</summary>
    public bool Disable { get; set; }

    [JsonIgnore]
    internal IReadOnlyList<TranscoderRule> All { get; private set; } = [];

    [JsonIgnore]
    internal FilterCounter Failures { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        if (!Disable && Type.Length == 0 && Rules is null or [])
        {
            throw new FilterConfigurationException("$.type", "wanted a transcoder's name, or \"rules\"");
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Failures = metrics.CreateCounter("failures", "side");
    }

    /// <summary>Reads a configuration, a listener's or a route's.</summary>
    /// <exception cref="FilterConfigurationException">It does not fit, or names a transcoder that there is not.</exception>
    internal static TranscoderConfig Read(FilterConfiguration configuration)
    {
        var config = configuration.Read(TranscodingJson.Default.TranscoderConfig);
        if (config.Trans?.ReceiverPhase == (int)ReceiverPhase.AfterChooseHost)
        {
            configuration.RequireHosts();
        }

        var rules = (config.Rules ?? []).Select((rule, i) => TranscoderRule.Read($"$.rules[{i}]", rule, configuration)).ToList();
        if (config.Type.Length > 0)
        {
            rules.Add(TranscoderRule.ForAll(config.Type, config.Config, configuration));
        }

        config.All = rules;
        return config;
    }

    /// <summary>Reads a listener's configuration.</summary>
    internal static StreamFilterFactory<TranscoderFilter> Create(FilterConfiguration configuration)
    {
        var config = Read(configuration);
        return new StreamFilterFactory<TranscoderFilter>(() => new TranscoderFilter(config), (ReceiverPhase)(config.Trans?.ReceiverPhase ?? (int)ReceiverPhase.AfterRoute));
    }
}
