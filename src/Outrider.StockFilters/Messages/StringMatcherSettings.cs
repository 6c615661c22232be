using Outrider.Filters;

namespace Outrider.StockFilters.Messages;

/// <summary>Envoy's <c>StringMatcher</c>: one of the first five.</summary>
internal sealed class StringMatcherSettings
{
    /// <summary>The text.</summary>
    public string? Exact { get; set; }

    /// <summary>How it begins.</summary>
    public string? Prefix { get; set; }

    /// <summary>How it ends.</summary>
    public string? Suffix { get; set; }

    /// <summary>What is in it.</summary>
    public string? Contains { get; set; }

    /// <summary>An expression for all of it.</summary>
    public RegexSettings? SafeRegex { get; set; }

    /// <summary>Does case not count? Not for expressions. Default false.</summary>
    public bool IgnoreCase { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">There is not one of the five, or it is wrong.</exception>
    internal Func<string, bool> Compile(string path, bool ignoreCase = false)
    {
        var comparison = IgnoreCase || ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        Func<string, bool>?[] given =
        [
            Exact is { } exact ? text => text.Equals(exact, comparison) : null,
            Prefix is { } prefix ? text => text.StartsWith(prefix, comparison) : null,
            Suffix is { } suffix ? text => text.EndsWith(suffix, comparison) : null,
            Contains is { } part ? text => text.Contains(part, comparison) : null,
            SafeRegex?.Compile(path + ".safeRegex") is { } pattern ? pattern.IsMatch : null,
        ];
        return given.OfType<Func<string, bool>>().ToList() is [var only] ? only
            : throw new FilterConfigurationException(path, "wanted one of \"exact\", \"prefix\", \"suffix\", \"contains\" and \"safeRegex\"");
    }
}
