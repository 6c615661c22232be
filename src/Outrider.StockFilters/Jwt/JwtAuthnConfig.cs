using System.Text.Json.Serialization;
using Outrider.Filters;

namespace Outrider.StockFilters.Jwt;

/// <summary>
/// Envoy's <c>envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication</c> as JSON, in either spelling of its keys (<c>localJwks</c> or <c>local_jwks</c>): what MOSN reads for Istio.
/// </summary>
[JsonConverter(typeof(JwtAuthnConverter))]
public sealed class JwtAuthnConfig : IValidatable, IFileUser, IMetricsUser
{
    private readonly JwtSettings _settings;

    internal JwtAuthnConfig(JwtSettings settings) => _settings = settings;

    /// <summary>Does a browser's question before a request pass without a token?</summary>
    internal bool BypassesPreflight => _settings.BypassCorsPreflight;

    /// <summary>Who issues tokens.</summary>
    internal IReadOnlyCollection<JwtProvider> Providers { get; private set; } = [];

    /// <summary>What requests need, in order: the first rule that a request matches counts.</summary>
    internal JwtRule[] Rules { get; private set; } = [];

    /// <summary>Tokens that were in order.</summary>
    internal FilterCounter Allowed { get; private set; } = null!;

    /// <summary>Requests that were refused.</summary>
    internal FilterCounter Denied { get; private set; } = null!;

    /// <inheritdoc/>
    public void Validate()
    {
        var providers = new Dictionary<string, JwtProvider>(StringComparer.Ordinal);
        foreach (var (name, settings) in _settings.Providers ?? [])
        {
            providers.Add(name, new JwtProvider($"$.providers.{name}", settings ?? throw new FilterConfigurationException($"$.providers.{name}", "wanted an object")));
        }

        Providers = providers.Values;
        Rules = [.. (_settings.Rules ?? []).Select((rule, i) => new JwtRule($"$.rules[{i}]", rule, providers, _settings.RequirementMap ?? []))];
    }

    /// <inheritdoc/>
    public void ReadFiles(ConfigurationFiles files)
    {
        foreach (var provider in Providers)
        {
            provider.ReadKeys(files);
        }
    }

    /// <inheritdoc/>
    public void CreateMetrics(FilterMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        Allowed = metrics.CreateCounter("allowed");
        Denied = metrics.CreateCounter("denied");
    }
}
