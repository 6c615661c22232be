using System.Text;
using System.Text.RegularExpressions;
using Outrider.Filters;

namespace Outrider.StockFilters.Matching;

/// <summary>One header that a request must have. Any thread.</summary>
internal sealed class HeaderMatch
{
    private readonly byte[] _name;
    private readonly byte[] _value;
    private readonly Regex? _pattern;

    /// <exception cref="FilterConfigurationException">The name is none, or the pattern is no regular expression.</exception>
    internal HeaderMatch(string path, string? name, string value, bool isPattern)
    {
        _name = HeaderName.Read(path + ".name", name);
        _value = Encoding.UTF8.GetBytes(value);
        _pattern = isPattern ? Pattern.Read(path + ".value", value) : null;
    }

    /// <summary>Does the request have it?</summary>
    internal bool Matches(RequestHeaders headers)
        => headers.TryGetValue(_name, out var value) && (_pattern?.IsMatch(Encoding.Latin1.GetString(value)) ?? (_value.Length == 0 || value.SequenceEqual(_value)));
}
