using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute</c> as JSON, in either spelling of its keys.</summary>
[JsonConverter(typeof(RateLimitRouteConverter))]
public sealed class RateLimitRouteConfig : IValidatable, IExcuser
{
    private readonly RateLimitRouteSettings _settings;

    internal RateLimitRouteConfig(RateLimitRouteSettings settings) => _settings = settings;

    /// <summary>The route's own domain; empty for the listener's.</summary>
    internal string Domain => _settings.Domain;

    /// <summary>What makes the route's descriptors.</summary>
    internal DescriptorRule[] Rules { get; private set; } = [];

    /// <summary>Are the listener's descriptors used as well?</summary>
    internal bool UsesListeners { get; private set; }

    /// <inheritdoc/>
    public void Validate()
    {
        Rules = RuleSettings.Compile("$.rateLimits", _settings.RateLimits);
        UsesListeners = _settings.OverrideOption switch
        {
            "OVERRIDE_POLICY" => Rules.Length == 0,
            "INCLUDE_POLICY" => true,
            "IGNORE_POLICY" => false,
            _ => _settings.VhRateLimits == "OVERRIDE" ? Rules.Length == 0 : _settings.VhRateLimits == "INCLUDE",
        };
    }

    /// <inheritdoc/>
    public void Excuse(Action<string, string> excuse)
    {
        ArgumentNullException.ThrowIfNull(excuse);
        RuleSettings.Excuse("$.rateLimits", _settings.RateLimits, excuse);
    }
}
