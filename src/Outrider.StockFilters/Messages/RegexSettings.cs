namespace Outrider.StockFilters.Jwt;

/// <summary>Envoy's <c>RegexMatcher</c>.</summary>
internal sealed class JwtRegexSettings
{
    /// <summary>The expression.</summary>
    public string Regex { get; set; } = "";
}
