using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>envoy.extensions.filters.http.rbac.v3.RBAC</c> as JSON, in either spelling of its keys: what MOSN reads for Istio.</summary>
[JsonConverter(typeof(RbacConverter))]
public sealed class RbacConfig : IValidatable, IMetricsUser, IExcuser
{
    private readonly RbacSettings _settings;

    internal RbacConfig(RbacSettings settings) => _settings = settings;

    /// <summary>What is enforced; null for nothing.</summary>
    internal RbacRules? Rules { get; private set; }

    /// <summary>What is tried alone; null for nothing.</summary>
    internal RbacRules? ShadowRules { get; private set; }

    /// <summary>Stands before the keys of what the shadow rules tell.</summary>
    internal string ShadowPrefix => (_settings.Rbac ?? _settings).ShadowRulesStatPrefix;

    /// <summary>Requests, by the rules (<c>rules</c>, <c>shadow_rules</c>), the policy that fits, and what came of it.</summary>
    internal FilterCounter Decisions { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        string path = _settings.Rbac is null ? "$" : "$.rbac";
        if (_settings.Rbac is not null && (_settings.Rules is not null || _settings.ShadowRules is not null))
        {
            throw new FilterConfigurationException("$.rbac", "not together with \"rules\" and \"shadowRules\"");
        }

        var own = _settings.Rbac ?? _settings;
        Rules = own.Rules is null ? null : new RbacRules(path + ".rules", own.Rules);
        ShadowRules = own.ShadowRules is null ? null : new RbacRules(path + ".shadowRules", own.ShadowRules);
    }

    /// <inheritdoc/>
    public void Excuse(Action<string, string> excuse)
    {
        ArgumentNullException.ThrowIfNull(excuse);
        if (_settings.RulesStatPrefix.Length > 0)
        {
            excuse("$.rulesStatPrefix", "has no effect: the filter's metrics have names of their own");
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Decisions = metrics.CreateCounter("decisions", "rules", "policy", "decision");
    }
}
