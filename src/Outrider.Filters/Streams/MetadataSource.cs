namespace Outrider.Filters;

/// <summary>Whose metadata is read. Only a stream's own can be set.</summary>
public enum MetadataSource
{
    /// <summary>What filters have set on this stream.</summary>
    Stream,

    /// <summary>What the configuration says of the matched route.</summary>
    Route,

    /// <summary>What the configuration says of the cluster.</summary>
    Cluster,

    /// <summary>What the configuration says of the chosen host.</summary>
    Host,

    /// <summary>What the configuration says of the chosen host's locality.</summary>
    Locality,
}
