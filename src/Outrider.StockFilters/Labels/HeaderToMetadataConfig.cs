using Outrider.Filters;

namespace Outrider.StockFilters.Labels;

/// <summary>MOSN's: <c>{ "request_rules": [ { "header": "x-zone", "on_header_present": { "key": "zone" } } ] }</c>.</summary>
public sealed class HeaderToMetadataConfig : IValidatable
{
    /// <summary>The rules, in their order. Default: none.</summary>
    public HeaderRuleConfig[]? RequestRules { get; set; }

    /// <inheritdoc/>
    public void Validate()
    {
        for (int i = 0; i < RequestRules?.Length; i++)
        {
            (RequestRules[i] ?? throw new FilterConfigurationException($"$.request_rules[{i}]", "wanted an object")).Validate($"$.request_rules[{i}]");
        }
    }
}
