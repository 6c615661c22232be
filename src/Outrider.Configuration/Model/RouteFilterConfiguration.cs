using Outrider.Configuration.Problems;
using Outrider.Filters;

namespace Outrider.Configuration.Model;

/// <summary>What a route or a virtual host configures of its own for one stream filter: a member of <c>per_filter_config</c>. What it means, the filter alone knows.</summary>
/// <param name="Filter">The filter's name: its type, or for a library's filter the name that it has there.</param>
/// <param name="Value">The configuration.</param>
internal sealed record RouteFilterConfiguration(string Filter, ExtensionValue Value)
{
    /// <summary>The problem that the filter found in it.</summary>
    public ConfigurationProblem Problem(FilterConfigurationException exception) => FilterProblem.Of(Value.Origin, exception.Path, exception.Message);
}
