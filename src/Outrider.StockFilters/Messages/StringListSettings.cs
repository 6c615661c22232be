using Outrider.Filters;

namespace Outrider.StockFilters.Messages;

/// <summary>Envoy's <c>ListStringMatcher</c>, for names of headers: case does not count.</summary>
internal sealed class StringListSettings
{
    /// <summary>A name that one of these fits.</summary>
    public StringMatcherSettings[]? Patterns { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">One of them is wrong.</exception>
    internal Func<string, bool> Compile(string path)
    {
        Func<string, bool>[] patterns =
        [
            .. (Patterns ?? []).Select((one, i) => (one ?? throw new FilterConfigurationException($"{path}.patterns[{i}]", "wanted an object")).Compile($"{path}.patterns[{i}]", ignoreCase: true)),
        ];
        return name => Array.Exists(patterns, fits => fits(name));
    }
}
