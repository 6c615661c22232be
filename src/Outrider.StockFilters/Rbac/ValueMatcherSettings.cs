using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>ValueMatcher</c>: one of these.</summary>
internal sealed class ValueMatcherSettings
{
    /// <summary>Text.</summary>
    public StringMatcherSettings? StringMatch { get; set; }

    /// <summary>True or false.</summary>
    public bool? BoolMatch { get; set; }

    /// <summary>A number.</summary>
    public DoubleMatcherSettings? DoubleMatch { get; set; }

    /// <summary>Is it there?</summary>
    public bool? PresentMatch { get; set; }

    /// <summary>The same, ready for use: given the metadata, the namespace and the key.</summary>
    /// <exception cref="FilterConfigurationException">There is not one of them.</exception>
    internal Func<StreamMetadata, string, string, bool> Compile(string path)
    {
        if (StringMatch?.Compile(path + ".stringMatch") is { } fits)
        {
            return (metadata, ns, key) => metadata.GetText(ns, key) is { } text && fits(text);
        }

        if (BoolMatch is { } flag)
        {
            return (metadata, ns, key) => metadata.GetFlag(ns, key) == flag;
        }

        if (DoubleMatch is { } number)
        {
            return (metadata, ns, key) => metadata.GetNumber(ns, key) is { } value && (number.Exact == value || (number.Range?.Start <= value && value < number.Range.End));
        }

        return PresentMatch is { } present
            ? (metadata, ns, key) => present == (metadata.GetText(ns, key) is not null || metadata.GetFlag(ns, key) is not null || metadata.GetNumber(ns, key) is not null)
            : throw new FilterConfigurationException(path, "wanted one of \"stringMatch\", \"boolMatch\", \"doubleMatch\" and \"presentMatch\"");
    }
}
