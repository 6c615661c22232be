using Outrider.Filters;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>Action.QueryParameters</c>.</summary>
internal sealed class QueryParameterActionSettings
{
    /// <summary>The parameter. Required.</summary>
    public string QueryParameterName { get; set; } = "";

    /// <summary>The entry's key. Required.</summary>
    public string DescriptorKey { get; set; } = "";

    /// <summary>Does a request without the parameter have the descriptor, without this entry? Default false: it has none.</summary>
    public bool SkipIfAbsent { get; set; }

    /// <summary>The same, ready for use.</summary>
    /// <exception cref="FilterConfigurationException">Something is missing.</exception>
    internal DescriptorStep Compile(string path)
    {
        ActionKey.Validate(path + ".queryParameterName", QueryParameterName);
        ActionKey.Validate(path + ".descriptorKey", DescriptorKey);
        return (in source, descriptor) => QueryParameter.Find(source.Headers, QueryParameterName) is { } value ? descriptor.Add(DescriptorKey, value) : SkipIfAbsent;
    }
}
