namespace Outrider.Filters;

/// <summary>What of a configuration can be replaced by itself.</summary>
public enum ConfigurationResourceKind
{
    /// <summary>A cluster: an object of <c>cluster_manager.clusters</c>.</summary>
    Cluster,

    /// <summary>The hosts of a cluster that there is: an array as <c>hosts</c> of a cluster.</summary>
    Hosts,

    /// <summary>A table of routes: an object of <c>routers</c>.</summary>
    Router,

    /// <summary>A listener: an object of <c>listeners</c>.</summary>
    Listener,
}
