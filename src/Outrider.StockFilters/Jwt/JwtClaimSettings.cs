namespace Outrider.StockFilters.Jwt;

/// <summary>The message <c>JwtClaimToHeader</c>.</summary>
internal sealed class JwtClaimSettings
{
    /// <summary>The header's name.</summary>
    public string HeaderName { get; set; } = "";

    /// <summary>The claim's name; dots lead into objects.</summary>
    public string ClaimName { get; set; } = "";
}
