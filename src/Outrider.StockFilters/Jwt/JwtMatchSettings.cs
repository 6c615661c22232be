using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Jwt;

/// <summary>Those fields of Envoy's <c>RouteMatch</c> that rules use.</summary>
internal sealed class JwtMatchSettings
{
    /// <summary>How the path begins.</summary>
    public string? Prefix { get; set; }

    /// <summary>The path.</summary>
    public string? Path { get; set; }

    /// <summary>An expression for the whole path.</summary>
    public RegexSettings? SafeRegex { get; set; }

    /// <summary>How the path begins, up to its end or a <c>/</c>.</summary>
    public string? PathSeparatedPrefix { get; set; }

    /// <summary>Does case count? Default true.</summary>
    public bool? CaseSensitive { get; set; }

    /// <summary>Headers that must be there.</summary>
    public HeaderMatcherSettings[]? Headers { get; set; }
}
