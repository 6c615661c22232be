namespace Outrider.Configuration.Model;

/// <summary>A cluster that receives a share of the connections.</summary>
/// <param name="Name">The cluster, one that exists.</param>
/// <param name="Weight">Its share out of the sum of all, 1 or more.</param>
internal sealed record TcpClusterConfiguration(string Name, int Weight);
