using Outrider.StockFilters.Messages;

namespace Outrider.StockFilters.Rbac;

/// <summary>Envoy's <c>PathMatcher</c>.</summary>
internal sealed class PathMatcherSettings
{
    /// <summary>The path. Required.</summary>
    public StringMatcherSettings? Path { get; set; }
}
