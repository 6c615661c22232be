namespace Outrider.StockFilters.Jwt;

/// <summary>The message <c>ProviderWithAudiences</c>.</summary>
internal sealed class JwtAudiencesSettings
{
    /// <summary>The provider's name.</summary>
    public string ProviderName { get; set; } = "";

    /// <summary>One of these must be in the claim <c>aud</c>.</summary>
    public string[]? Audiences { get; set; }
}
