using System.ComponentModel.DataAnnotations;
using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.RateLimits;

/// <summary>Envoy's <c>QueryParameterMatcher</c>.</summary>
internal sealed class QueryMatcherSettings
{
    /// <summary>The parameter. Required.</summary>
    [Required]
    public string Name { get; set; } = "";

    /// <summary>What its value is.</summary>
    public StringMatcherSettings? StringMatch { get; set; }

    /// <summary>Is it there? Default, without <see cref="StringMatch"/>: true.</summary>
    public bool? PresentMatch { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal Func<RequestHeaders, bool> Compile(string path)
    {
        if (StringMatch is not null && PresentMatch is not null)
        {
            throw new FilterConfigurationException(path, "\"presentMatch\" and a match of the value");
        }

        if (StringMatch?.Compile(path + ".stringMatch") is { } fits)
        {
            return headers => QueryParameter.Find(headers, Name) is { } value && fits(value);
        }

        bool present = PresentMatch ?? true;
        return headers => QueryParameter.Find(headers, Name) is not null == present;
    }
}
