using System.ComponentModel.DataAnnotations;

namespace Outrider.StockFilters.RateLimits;

/// <summary>The message <c>Action.QueryParameters</c>.</summary>
internal sealed class QueryParameterActionSettings
{
    /// <summary>The parameter. Required.</summary>
    [Required]
    public string QueryParameterName { get; set; } = "";

    /// <summary>The entry's key. Required.</summary>
    [Required]
    public string DescriptorKey { get; set; } = "";

    /// <summary>Does a request without the parameter have the descriptor, without this entry? Default false: it has none.</summary>
    public bool SkipIfAbsent { get; set; }

    /// <summary>The same, ready for use.</summary>
    internal DescriptorStep Compile()
        => (in source, descriptor) => QueryParameter.Find(source.Headers, QueryParameterName) is { } value ? descriptor.Add(DescriptorKey, value) : SkipIfAbsent;
}
