namespace Outrider.Filters.Testing;

/// <summary>A route of a host: the first whose prefix the path has.</summary>
/// <param name="Prefix">What the path begins with.</param>
public sealed record TestRoute(string Prefix)
{
    /// <summary>The route's name. Default: its prefix.</summary>
    public string Name { get; init; } = Prefix;

    /// <summary>The name of its virtual host. Default <c>all</c>.</summary>
    public string VirtualHost { get; init; } = "all";

    /// <summary>The cluster that its requests go to. Default <c>upstream</c>.</summary>
    public string Cluster { get; init; } = FilterHost.DefaultCluster;

    /// <summary>The cluster that copies of its requests are for; null, the default, for none.</summary>
    public string? MirrorCluster { get; init; }

    /// <summary>Per cent of its requests that copies are made of, 0 to 100. Default 100.</summary>
    public int MirrorPercent { get; init; } = 100;

    /// <summary>What it configures of its own, by the name of the filter: JSON.</summary>
    public IReadOnlyDictionary<string, string> Filters { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Its metadata, as <see cref="StreamMetadata"/> reads it with <see cref="MetadataSource.Route"/>: a JSON object of namespaces. Default none.</summary>
    public string Metadata { get; init; } = "{}";
}
