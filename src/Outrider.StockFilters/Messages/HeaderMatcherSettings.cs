namespace Outrider.StockFilters.Jwt;

/// <summary>Those fields of Envoy's <c>HeaderMatcher</c> that rules use: one of the matches, or none for "it is there".</summary>
internal sealed class JwtHeaderMatchSettings
{
    /// <summary>The header's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The value.</summary>
    public string? ExactMatch { get; set; }

    /// <summary>How the value begins.</summary>
    public string? PrefixMatch { get; set; }

    /// <summary>How the value ends.</summary>
    public string? SuffixMatch { get; set; }

    /// <summary>An expression for the whole value.</summary>
    public JwtRegexSettings? SafeRegexMatch { get; set; }

    /// <summary>Is it there?</summary>
    public bool? PresentMatch { get; set; }

    /// <summary>The other way round.</summary>
    public bool InvertMatch { get; set; }
}
