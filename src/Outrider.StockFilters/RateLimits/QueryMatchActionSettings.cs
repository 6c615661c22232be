using System.ComponentModel.DataAnnotations;
using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>Action.QueryParameterValueMatch</c>.</summary>
internal sealed class QueryMatchActionSettings
{
    /// <summary>The entry's key. Default, and empty: <c>query_match</c>.</summary>
    public string DescriptorKey { get; set; } = "";

    /// <summary>The entry's value. Required.</summary>
    [Required]
    public string DescriptorValue { get; set; } = "";

    /// <summary>Do the parameters have to fit? Otherwise they must not, all together. Default true.</summary>
    public bool ExpectMatch { get; set; } = true;

    /// <summary>The parameters, all of which have to fit. Required.</summary>
    [Required]
    [ItemCount(1)]
    public QueryMatcherSettings[]? QueryParameters { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal DescriptorStep Compile(string path)
    {
        string key = DescriptorKey.Length > 0 ? DescriptorKey : "query_match";
        Func<RequestHeaders, bool>[] tests = [.. QueryParameters!.Select((one, i) => (one ?? throw new FilterConfigurationException($"{path}.queryParameters[{i}]", "wanted an object")).Compile($"{path}.queryParameters[{i}]"))];
        return (in source, descriptor) =>
        {
            var headers = source.Headers;
            return Array.TrueForAll(tests, fits => fits(headers)) == ExpectMatch && descriptor.Add(key, DescriptorValue);
        };
    }
}
