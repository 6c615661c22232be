namespace Outrider.Configuration.Model;

/// <summary>One virtual host.</summary>
internal sealed record VirtualHostConfiguration
{
    /// <summary>Its name; may be empty and need not be unique.</summary>
    public required string Name { get; init; }

    /// <summary>The domains that it answers for.</summary>
    public IReadOnlyList<DomainConfiguration> Domains { get; init; } = [];

    /// <summary>Its routes; the first that matches counts.</summary>
    public IReadOnlyList<RouteConfiguration> Routes { get; init; } = [];

    /// <summary>What happens to the headers of its requests; applied after the route's.</summary>
    public HeaderMutations HeaderMutations { get; init; } = HeaderMutations.None;

    /// <summary>What it configures of its own for stream filters.</summary>
    public IReadOnlyList<RouteFilterConfiguration> Filters { get; init; } = [];
}
