using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Cors;

/// <summary>Which web pages of other origins may use what is behind a route (the Fetch standard's CORS protocol).</summary>
public sealed class CorsConfig : IValidatable
{
    // As many whole hours as 31 bits of seconds hold, which every recipient can read (RFC 9111 §1.2.2).
    private const string Longest = "596523h";

    /// <summary>Origins (<c>https://a.example</c>), with <c>*</c> for any characters within one (<c>https://*.example</c>), or <c>*</c> alone for all. Compared without case. Default: none.</summary>
    public string[] AllowOrigins { get; set; } = [];

    /// <summary>Regular expressions, each for the whole origin. Default: none.</summary>
    public string[] AllowOriginRegex { get; set; } = [];

    /// <summary>The methods that a page may use. Default those that most services have.</summary>
    public string[] AllowMethods { get; set; } = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>The request headers that a page may set beside those that need no leave; <c>*</c> for all that it asks for. Default: none.</summary>
    public string[] AllowHeaders { get; set; } = [];

    /// <summary>The response headers that a page may read beside those that need no leave. Default: none.</summary>
    public string[] ExposeHeaders { get; set; } = [];

    /// <summary>How long a browser may remember the answer to a question beforehand, in Go's text. Default 0: as long as the browser thinks fit.</summary>
    [JsonConverter(typeof(GoDurationConverter))]
    [DurationRange("0s", Longest)]
    public TimeSpan MaxAge { get; set; }

    /// <summary>Whether pages may send cookies and other credentials. Not with <c>*</c> as origin. Default false.</summary>
    public bool AllowCredentials { get; set; }

    [JsonIgnore]
    internal bool AllowsAll { get; private set; }

    [JsonIgnore]
    internal string Methods { get; private set; } = "";

    [JsonIgnore]
    internal string Headers { get; private set; } = "";

    [JsonIgnore]
    internal string Exposed { get; private set; } = "";

    private HashSet<string> _exact = [];
    private Regex[] _patterns = [];

    /// <inheritdoc/>
    public void Validate()
    {
        AllowsAll = AllowOrigins.Contains("*");
        if (AllowsAll && AllowCredentials)
        {
            throw new FilterConfigurationException("$.allow_credentials", "not with \"*\" as origin: every page could act for whoever looks at it; name the origins");
        }

        _exact = AllowOrigins.Where(origin => !origin.Contains('*')).ToHashSet(StringComparer.OrdinalIgnoreCase);
        _patterns =
        [
            .. AllowOrigins.Where(origin => origin != "*" && origin.Contains('*'))
                .Select(origin => Pattern.Read("$.allow_origins", "(?i)^" + string.Join("[^/]*", origin.Split('*').Select(Regex.Escape)) + "$")),
            .. AllowOriginRegex.Select((text, i) => Pattern.Read($"$.allow_origin_regex[{i}]", $"^(?:{text})$")),
        ];
        Methods = Join("$.allow_methods", AllowMethods);
        Headers = AllowHeaders is ["*"] ? "*" : Join("$.allow_headers", AllowHeaders);
        Exposed = ExposeHeaders is ["*"] && !AllowCredentials ? "*" : Join("$.expose_headers", ExposeHeaders);
    }

    /// <summary>May pages of that origin use it?</summary>
    internal bool Allows(string origin) => AllowsAll || _exact.Contains(origin) || Array.Exists(_patterns, pattern => pattern.IsMatch(origin));

    private static string Join(string path, string[] names)
    {
        for (int i = 0; i < names.Length; i++)
        {
            _ = HeaderName.Read($"{path}[{i}]", names[i]);
        }

        return string.Join(", ", names);
    }
}
