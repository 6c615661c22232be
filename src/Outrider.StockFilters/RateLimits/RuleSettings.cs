using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>config.route.v3.RateLimit</c>: what makes one descriptor of a request.</summary>
internal sealed class RuleSettings
{
    // Envoy's.
    internal const int MaxStage = 10;
    private const ulong MaxHits = 1_000_000_000;

    /// <summary>Of which filter it is, by the filter's own <c>stage</c>: 0 to 10. Default 0.</summary>
    public int Stage { get; set; }

    /// <summary>A part of the name of a runtime key of Envoy's: without effect.</summary>
    public string DisableKey { get; set; } = "";

    /// <summary>What makes its entries, in their order. One that finds nothing leaves the whole descriptor out. Required.</summary>
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
        if (Stage is < 0 or > MaxStage)
        {
            throw new FilterConfigurationException(path + ".stage", $"found {Stage}, wanted 0 to {MaxStage}");
        }

        if (Actions is null or [])
        {
            throw new FilterConfigurationException(path + ".actions", "wanted one at least");
        }

        if (HitsAddend?.Number > MaxHits)
        {
            throw new FilterConfigurationException(path + ".hitsAddend.number", $"found {HitsAddend.Number}, wanted 0 to {MaxHits}");
        }

        return new DescriptorRule(
            Stage,
            HitsAddend?.Number,
            [.. Actions.Select((action, i) => (action ?? throw new FilterConfigurationException($"{path}.actions[{i}]", "wanted an object")).Compile($"{path}.actions[{i}]"))]);
    }
}
