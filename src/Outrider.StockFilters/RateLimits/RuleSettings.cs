using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>config.route.v3.RateLimit</c>: what makes one descriptor of a request.</summary>
internal sealed class RuleSettings
{
    // Envoy's.
    internal const int MaxStage = 10;

    /// <summary>Of which filter it is, by the filter's own <c>stage</c>: 0 to 10. Default 0.</summary>
    [Range(0, MaxStage)]
    public int Stage { get; set; }

    /// <summary>A part of the name of a runtime key of Envoy's: without effect.</summary>
    public string DisableKey { get; set; } = "";

    /// <summary>What makes its entries, in their order. One that finds nothing leaves the whole descriptor out. Required.</summary>
    [Required]
    [ItemCount(1)]
    public ActionSettings[]? Actions { get; set; }

    /// <summary>How much a request counts with it. Default: what the request counts.</summary>
    public HitsSettings? HitsAddend { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal static DescriptorRule[] Compile(string path, RuleSettings[]? rules)
        => [.. (rules ?? []).Select((rule, i) => (rule ?? throw new FilterConfigurationException($"{path}[{i}]", "wanted an object")).Compile($"{path}[{i}]"))];

    /// <summary>Says which keys have no effect.</summary>
    internal static void Excuse(string path, RuleSettings[]? rules, Action<string, string> excuse)
    {
        for (int i = 0; i < rules?.Length; i++)
        {
            if (rules[i].DisableKey.Length > 0)
            {
                excuse($"{path}[{i}].disableKey", "has no effect: there is no runtime that could switch it off");
            }
        }
    }

    private DescriptorRule Compile(string path)
    {
        return new DescriptorRule(
            Stage,
            HitsAddend?.Number,
            [.. Actions!.Select((action, i) => (action ?? throw new FilterConfigurationException($"{path}.actions[{i}]", "wanted an object")).Compile($"{path}.actions[{i}]"))]);
    }
}
