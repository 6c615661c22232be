namespace Outrider.Configuration.Model;

/// <summary>A chain of stream filters by name: of a listener of that name that has none of its own, or of a base that runs filters alone.</summary>
/// <param name="Name">The name.</param>
/// <param name="Filters">The filters in their order.</param>
internal sealed record NamedFiltersConfiguration(string Name, IReadOnlyList<StreamFilterConfiguration> Filters);
