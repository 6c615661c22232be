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
    public string? Resource { get; set; }

    /// <summary>Without effect, as in MOSN: Sentinel for Java tells callers apart by it.</summary>
    [JsonPropertyName("limitApp")]
    public string? LimitApp { get; set; }

    /// <summary>What is limited: 0 the requests under way at once, 1 those that begin in a period. Default 1.</summary>
    public int Grade { get; set; } = 1;

    /// <summary>How many. 0 refuses all. Required.</summary>
    public double? Threshold { get; set; }

    /// <summary>Only 0: the rule counts its own resource.</summary>
    public int Strategy { get; set; }

    /// <summary>As <see cref="Strategy"/>, Sentinel's newer key.</summary>
    [JsonPropertyName("relationStrategy")]
    public int RelationStrategy { get; set; }

    /// <summary>Only empty: the resource that another strategy would count.</summary>
    [JsonPropertyName("refResource")]
    public string? RefResource { get; set; }

    /// <summary>Only 0: the threshold stands as it is.</summary>
    [JsonPropertyName("tokenCalculateStrategy")]
    public int TokenCalculateStrategy { get; set; }

    /// <summary>What becomes of a request too many: 0 is refused, 1 waits for its turn, evenly spaced. Default 0.</summary>
    [JsonPropertyName("controlBehavior")]
    public int ControlBehavior { get; set; }

    /// <summary>The period of <see cref="Grade"/> 1 in milliseconds, 1 to 3,600,000. Default, and in place of 0: 1000.</summary>
    [JsonPropertyName("statIntervalInMs")]
    public int StatIntervalInMs { get; set; }

    /// <summary>How long a request may wait for its turn, in milliseconds, 0 to 3,600,000. Default 0: not at all.</summary>
    [JsonPropertyName("maxQueueingTimeMs")]
    public int MaxQueueingTimeMs { get; set; }

    internal void Validate(string path)
    {
        Check(path, "resource", !string.IsNullOrEmpty(Resource), "a resource is needed");
        Check(path, "threshold", Threshold is >= 0 and <= int.MaxValue, "wanted a number of 0 or more");
        Check(path, "grade", Grade is 0 or 1, $"found {Grade}, wanted 0 (requests at once) or 1 (requests in a period)");
        Check(path, "strategy", Strategy == 0, $"found {Strategy}: a rule counts its own resource, wanted 0");
        Check(path, "relationStrategy", RelationStrategy == 0, $"found {RelationStrategy}: a rule counts its own resource, wanted 0");
        Check(path, "refResource", string.IsNullOrEmpty(RefResource), "a rule counts its own resource");
        Check(path, "tokenCalculateStrategy", TokenCalculateStrategy == 0, $"found {TokenCalculateStrategy}, wanted 0: thresholds that warm up are not there");
        Check(path, "controlBehavior", ControlBehavior is 0 or 1, $"found {ControlBehavior}, wanted 0 (refuse) or 1 (wait)");
        Check(path, "controlBehavior", ControlBehavior == 0 || Grade == 1, "requests at once (grade 0) cannot wait for their turn");
        Check(path, "statIntervalInMs", StatIntervalInMs is >= 0 and <= 3_600_000, $"found {StatIntervalInMs}, wanted 1 to 3600000");
        Check(path, "maxQueueingTimeMs", MaxQueueingTimeMs is >= 0 and <= 3_600_000, $"found {MaxQueueingTimeMs}, wanted 0 to 3600000");
        StatIntervalInMs = StatIntervalInMs == 0 ? 1000 : StatIntervalInMs;
    }

    private static void Check(string path, string key, bool holds, string message)
    {
        if (!holds)
        {
            throw new FilterConfigurationException($"{path}.{key}", message);
        }
    }
}
