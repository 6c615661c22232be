using System.Globalization;
using Outrider.Filters;

namespace Outrider.StockFilters.Messages;

/// <summary>Envoy's <c>HeaderMatcher</c>: one of the matches, or none for "it is there". A header that is not there fits none of the others, inverted or not.</summary>
internal sealed class HeaderMatcherSettings
{
    /// <summary>The header's name; <c>:path</c>, <c>:method</c>, <c>:authority</c> and <c>:scheme</c> too.</summary>
    public string Name { get; set; } = "";

    /// <summary>The value.</summary>
    public string? ExactMatch { get; set; }

    /// <summary>How the value begins.</summary>
    public string? PrefixMatch { get; set; }

    /// <summary>How the value ends.</summary>
    public string? SuffixMatch { get; set; }

    /// <summary>What is in the value.</summary>
    public string? ContainsMatch { get; set; }

    /// <summary>An expression for the whole value.</summary>
    public RegexSettings? SafeRegexMatch { get; set; }

    /// <summary>Any of these.</summary>
    public StringMatcherSettings? StringMatch { get; set; }

    /// <summary>A number.</summary>
    public RangeSettings? RangeMatch { get; set; }

    /// <summary>Is it there?</summary>
    public bool? PresentMatch { get; set; }

    /// <summary>The other way round.</summary>
    public bool InvertMatch { get; set; }

    /// <summary>Does a header that is not there count as an empty one?</summary>
    public bool TreatMissingHeaderAsEmpty { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="eachAlone">Is each of several values looked at by itself, one of which has to fit? Otherwise all with commas between.</param>
    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal Func<RequestHeaders, bool> Compile(string path, bool eachAlone = false)
    {
        var read = RequestField.Reader(path + ".name", Name, eachAlone ? '\n' : ',');
        var value = ValueMatch(path);
        if (PresentMatch is not null && value is not null)
        {
            throw new FilterConfigurationException(path, "\"presentMatch\" and a match of the value");
        }

        return headers => read(headers) is { } text || (TreatMissingHeaderAsEmpty && (text = "") is not null)
            ? (value is null ? PresentMatch ?? true : eachAlone ? text.Split('\n').Any(value) : value(text)) != InvertMatch
            : value is null && !(PresentMatch ?? true) != InvertMatch;
    }

    private Func<string, bool>? ValueMatch(string path)
    {
        if (RangeMatch is { } range)
        {
            return text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && range.Contains(number);
        }

        if (StringMatch is { } match)
        {
            return match.Compile(path + ".stringMatch");
        }

        return ExactMatch is null && PrefixMatch is null && SuffixMatch is null && ContainsMatch is null && SafeRegexMatch is null ? null
            : new StringMatcherSettings { Exact = ExactMatch, Prefix = PrefixMatch, Suffix = SuffixMatch, Contains = ContainsMatch, SafeRegex = SafeRegexMatch }.Compile(path);
    }
}
