namespace Outrider.StockFilters.Jwt;

/// <summary>Envoy's <c>DataSource</c>: one of them.</summary>
internal sealed class JwtLocalKeys
{
    /// <summary>A file.</summary>
    public string Filename { get; set; } = "";

    /// <summary>The key set itself.</summary>
    public string InlineString { get; set; } = "";

    /// <summary>The key set itself, in base64.</summary>
    public byte[]? InlineBytes { get; set; }

    /// <summary>A variable of the environment.</summary>
    public string EnvironmentVariable { get; set; } = "";
}
