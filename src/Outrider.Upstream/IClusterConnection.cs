namespace Outrider.Upstream;

/// <summary>The owner of a connection to a host: of whose cluster it is.</summary>
internal interface IClusterConnection
{
    /// <summary>The cluster's name.</summary>
    string ClusterName { get; }
}
