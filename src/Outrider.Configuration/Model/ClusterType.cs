namespace Outrider.Configuration.Model;

/// <summary>Where a cluster's hosts come from.</summary>
internal enum ClusterType
{
    /// <summary><c>SIMPLE</c>: the configuration.</summary>
    Simple,

    /// <summary><c>STATIC</c>: the configuration.</summary>
    Static,

    /// <summary><c>DYNAMIC</c>: the configuration, and later changes.</summary>
    Dynamic,

    /// <summary><c>STRICT_DNS</c>: every address that the hosts' names resolve to.</summary>
    StrictDns,

    /// <summary><c>ORIGINAL_DST</c>: each connection goes where it was to go before it was redirected here.</summary>
    OriginalDestination,
}
