namespace Outrider.Upstream.Breakers;

/// <summary>Which limit keeps a connection to a host from being made.</summary>
internal enum ConnectionLimitKind
{
    /// <summary>None.</summary>
    None,

    /// <summary>Connections to the host (<c>max_connections</c> of the cluster itself).</summary>
    Host,

    /// <summary>Connections of the cluster (<c>max_connections</c> of <c>circuit_breakers</c>).</summary>
    Cluster,

    /// <summary>Connections of the process that are being made (<c>max_pending_connects</c>).</summary>
    Process,
}
