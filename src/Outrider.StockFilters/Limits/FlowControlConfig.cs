using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Limits;

/// <summary>MOSN's <c>flowControlFilter</c>: limits per resource, with the rules of Sentinel.</summary>
public sealed class FlowControlConfig : IValidatable, IMetricsUser, IExcuser
{
    /// <summary>The default status of MOSN's answer, its <c>api.LimitExceededCode</c>.</summary>
    internal const int LimitExceeded = 509;

    /// <summary>Without effect: the name that Sentinel writes its files under.</summary>
    public string AppName { get; set; } = "";

    /// <summary>Without effect: where Sentinel writes its files. We write none.</summary>
    public string LogPath { get; set; } = "";

    /// <summary>Call-backs of MOSN's Go code, which do not exist here: only empty is taken.</summary>
    [StringLength(0, ErrorMessage = "call-backs are MOSN's Go code: there are none here")]
    public string CallbackName { get; set; } = "";

    /// <summary>Without effect, as in MOSN.</summary>
    public string Direction { get; set; } = "";

    /// <summary>Are rules in force? Default false.</summary>
    public bool GlobalSwitch { get; set; }

    /// <summary>Only counts what a rule would refuse. Default false.</summary>
    public bool Monitor { get; set; }

    /// <summary>What names a request's resource: <c>PATH</c>, <c>ARG</c> (the query) or <c>URI</c> (both). Default <c>PATH</c>.</summary>
    [AllowedValues("PATH", "ARG", "URI")]
    public string LimitKeyType { get; set; } = "PATH";

    /// <summary>The answer to a request that is refused.</summary>
    public FlowControlActionConfig Action { get; set; } = new();

    /// <summary>The rules. Default: none.</summary>
    public FlowRuleConfig[]? Rules { get; set; }

    /// <summary>Without effect: where MOSN gets further rules from while it runs. Default: nowhere.</summary>
    public FlowSourceConfig[]? DynamicDataResources { get; set; }

    [JsonIgnore]
    internal LocalReply Refusal { get; private set; } = null!;

    [JsonIgnore]
    internal FlowRules Resources { get; private set; } = null!;

    [JsonIgnore]
    internal FilterCounter Blocked { get; private set; } = null!;

    /// <inheritdoc/>
    public void Excuse(Action<string, string> excuse)
    {
        ArgumentNullException.ThrowIfNull(excuse);
        if (DynamicDataResources is { Length: > 0 })
        {
            excuse("$.dynamic_data_resources", "has no effect: rules come from this file, and a reload brings others");
        }
    }

    /// <inheritdoc/>
    public void Validate()
    {
        Action ??= new();
        Refusal = new LocalReply(Action.Status, Action.Body ?? "") { Details = "flow_control", Flags = ResponseFlags.RateLimited };
        Resources = new FlowRules(Rules ?? []);
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Blocked = metrics.CreateCounter("blocked", "resource");
    }
}
