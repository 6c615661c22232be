using System.Text.Json;
using System.Text.RegularExpressions;
using Outrider.Filters;
using Outrider.StockFilters.Matching;

namespace Outrider.StockFilters.Messages;

/// <summary>Envoy's <c>RegexMatcher</c>.</summary>
internal sealed class RegexSettings
{
    /// <summary>The expression, for the whole text.</summary>
    public string Regex { get; set; } = "";

    /// <summary>Which engine, of which there is one: without effect.</summary>
    public JsonElement? GoogleRe2 { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">It is no regular expression.</exception>
    internal Regex Compile(string path) => Pattern.Read(path + ".regex", $"^(?:{Regex})$");
}
