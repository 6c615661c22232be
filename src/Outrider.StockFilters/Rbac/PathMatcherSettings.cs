using System.ComponentModel.DataAnnotations;
using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>PathMatcher</c>.</summary>
internal sealed class PathMatcherSettings
{
    /// <summary>The path. Required.</summary>
    [Required]
    public StringMatcherSettings? Path { get; set; }
}
