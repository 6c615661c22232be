using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>One rule, with the keys of Sentinel's <c>flow.Rule</c> (<c>core/flow/rule.go</c>).</summary>
public sealed class FlowRuleConfig
{
    /// <summary>Without effect: a number for whoever manages the rules.</summary>
    [JsonPropertyName("id")]
    public string Id { get; set; } = "";

    /// <summary>The resource that the rule is for, as <c>limit_key_type</c> names resources. Required.</summary>
    [Required]
    public string? Resource { get; set; }

    /// <summary>Without effect, as in MOSN: Sentinel for Java tells callers apart by it.</summary>
    [JsonPropertyName("limitApp")]
    public string? LimitApp { get; set; }

    /// <summary>What is limited: 0 the requests under way at once, 1 those that begin in a period. Default 1.</summary>
    [AllowedValues(0, 1)]
    public int Grade { get; set; } = 1;

    /// <summary>How many. 0 refuses all. Required.</summary>
    [Required]
    [Range(0, int.MaxValue)]
    public double? Threshold { get; set; }

    /// <summary>Only 0: the rule counts its own resource.</summary>
    [AllowedValues(0, ErrorMessage = "a rule counts its own resource: wanted 0")]
    public int Strategy { get; set; }

    /// <summary>As <see cref="Strategy"/>, Sentinel's newer key.</summary>
    [JsonPropertyName("relationStrategy")]
    [AllowedValues(0, ErrorMessage = "a rule counts its own resource: wanted 0")]
    public int RelationStrategy { get; set; }

    /// <summary>Only empty: the resource that another strategy would count.</summary>
    [JsonPropertyName("refResource")]
    [StringLength(0, ErrorMessage = "a rule counts its own resource")]
    public string? RefResource { get; set; }

    /// <summary>Only 0: the threshold stands as it is.</summary>
    [JsonPropertyName("tokenCalculateStrategy")]
    [AllowedValues(0, ErrorMessage = "wanted 0: thresholds that warm up are not there")]
    public int TokenCalculateStrategy { get; set; }

    /// <summary>What becomes of a request too many: 0 is refused, 1 waits for its turn, evenly spaced. Default 0.</summary>
    [JsonPropertyName("controlBehavior")]
    [AllowedValues(0, 1)]
    public int ControlBehavior { get; set; }

    /// <summary>The period of <see cref="Grade"/> 1 in milliseconds, 1 to 3,600,000. Default, and in place of 0: 1000.</summary>
    [JsonPropertyName("statIntervalInMs")]
    [Range(0, 3_600_000)]
    public int StatIntervalInMs { get; set; }

    /// <summary>How long a request may wait for its turn, in milliseconds, 0 to 3,600,000. Default 0: not at all.</summary>
    [JsonPropertyName("maxQueueingTimeMs")]
    [Range(0, 3_600_000)]
    public int MaxQueueingTimeMs { get; set; }

    internal void Validate(string path)
    {
        if (ControlBehavior == 1 && Grade == 0)
        {
            throw new FilterConfigurationException(path + ".controlBehavior", "requests at once (grade 0) cannot wait for their turn");
        }

        StatIntervalInMs = StatIntervalInMs == 0 ? 1000 : StatIntervalInMs;
    }
}
