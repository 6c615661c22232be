namespace Outrider.StockFilters.Jwt;

/// <summary>The message <c>JwtHeader</c>.</summary>
internal sealed class JwtHeaderSettings
{
    /// <summary>The header's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>What stands before the token.</summary>
    public string ValuePrefix { get; set; } = "";
}
