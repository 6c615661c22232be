namespace Outrider.StockFilters.Jwt;

/// <summary>The message <c>JwtAuthentication</c>.</summary>
internal sealed class JwtSettings
{
    /// <summary>Who issues tokens, by names that rules use.</summary>
    public Dictionary<string, JwtProviderSettings>? Providers { get; set; }

    /// <summary>What requests need.</summary>
    public JwtRuleSettings[]? Rules { get; set; }

    /// <summary>Requirements by names that rules use.</summary>
    public Dictionary<string, JwtRequirementSettings>? RequirementMap { get; set; }

    /// <summary>Does a browser's question before a request pass without a token?</summary>
    public bool BypassCorsPreflight { get; set; }
}
