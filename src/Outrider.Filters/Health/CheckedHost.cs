using System.Net;

namespace Outrider.Filters;

/// <summary>A host that is checked. The same object each time, for as long as the cluster has the host.</summary>
/// <param name="cluster">The cluster's name.</param>
/// <param name="address">The address as it is connected to: <c>10.0.0.1:80</c>.</param>
/// <param name="endPoint">The same, resolved: an <see cref="IPEndPoint"/>, or a Unix domain socket's.</param>
/// <param name="hostname">The host's <c>hostname</c>; may be empty.</param>
/// <param name="metadata">The host's metadata; may be empty.</param>
public sealed class CheckedHost(string cluster, string address, EndPoint endPoint, string hostname, IReadOnlyDictionary<string, string> metadata)
{
    /// <summary>The cluster's name.</summary>
    public string Cluster => cluster;

    /// <summary>The address as it is connected to: <c>10.0.0.1:80</c>.</summary>
    public string Address => address;

    /// <summary>The address, resolved: an <see cref="IPEndPoint"/>, or a Unix domain socket's.</summary>
    public EndPoint EndPoint => endPoint;

    /// <summary>The host's <c>hostname</c>; may be empty.</summary>
    public string Hostname => hostname;

    /// <summary>The host's metadata; may be empty.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;
}
