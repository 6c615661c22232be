namespace Outrider.Proxy.Admin;

/// <summary>A host of a cluster, as the admin API shows it.</summary>
/// <param name="Name">Its host name; may be empty.</param>
/// <param name="Address">Its address.</param>
/// <param name="IsHealthy">Whether requests may go there.</param>
/// <param name="Active">Requests that wait for its response.</param>
/// <param name="Total">Requests that were sent there.</param>
/// <param name="Failures">Connections to it that could not be made.</param>
internal sealed record AdminHost(string Name, string Address, bool IsHealthy, long Active, long Total, long Failures);
