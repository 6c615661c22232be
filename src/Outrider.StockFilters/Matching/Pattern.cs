using System.Text.RegularExpressions;
using Outrider.Filters;

namespace Outrider.StockFilters.Matching;

/// <summary>Reads regular expressions of configurations: ones that take time in proportion to the text, as Go's and Envoy's RE2 do.</summary>
internal static class Pattern
{
    /// <summary>The expression.</summary>
    /// <exception cref="FilterConfigurationException">It is none, or looks back or around, which takes time without bound.</exception>
    internal static Regex Read(string path, string? text)
    {
        try
        {
            return new Regex(text ?? "", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new FilterConfigurationException(path, $"'{text}' is not a regular expression: {e.Message}", e);
        }
    }
}
