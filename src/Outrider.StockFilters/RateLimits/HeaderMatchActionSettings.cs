using System.ComponentModel.DataAnnotations;
using Outrider.Filters;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>Action.HeaderValueMatch</c>.</summary>
internal sealed class HeaderMatchActionSettings
{
    /// <summary>The entry's key. Default, and empty: <c>header_match</c>.</summary>
    public string DescriptorKey { get; set; } = "";

    /// <summary>The entry's value. Required.</summary>
    [Required]
    public string DescriptorValue { get; set; } = "";

    /// <summary>Do the headers have to fit? Otherwise they must not, all together. Default true.</summary>
    public bool ExpectMatch { get; set; } = true;

    /// <summary>The headers, all of which have to fit. Required.</summary>
    [Required]
    [ItemCount(1)]
    public HeaderMatcherSettings[]? Headers { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">Something is wrong with it.</exception>
    internal DescriptorStep Compile(string path)
    {
        string key = DescriptorKey.Length > 0 ? DescriptorKey : "header_match";
        Func<RequestHeaders, bool>[] tests = [.. Headers!.Select((one, i) => (one ?? throw new FilterConfigurationException($"{path}.headers[{i}]", "wanted an object")).Compile($"{path}.headers[{i}]"))];
        return (in source, descriptor) =>
        {
            var headers = source.Headers;
            return Array.TrueForAll(tests, fits => fits(headers)) == ExpectMatch && descriptor.Add(key, DescriptorValue);
        };
    }
}
