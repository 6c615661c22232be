namespace Outrider.Filters;

/// <summary>The route that a request matched. Immutable, shared by all streams of one configuration.</summary>
/// <param name="Name">The route's name, or its match written out when the configuration gives none.</param>
/// <param name="VirtualHost">Name of the virtual host that it belongs to.</param>
/// <param name="RouterConfigName">Name of the router configuration that it belongs to.</param>
public sealed record RouteInfo(string Name, string VirtualHost, string RouterConfigName)
{
    /// <summary>The one cluster that the route names; null where it names several, or none (by a variable, an answer of its own), and on a base that does not tell.</summary>
    public string? ClusterName { get; init; }

    /// <summary>The cluster that copies of the route's requests are for (<c>request_mirror_policies</c>); null for none, and on a base that does not tell.</summary>
    public string? MirrorCluster { get; init; }

    /// <summary>Per cent of its requests that copies are made of, 0 to 100.</summary>
    public int MirrorPercent { get; init; }
}
