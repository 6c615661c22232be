namespace Outrider.Configuration.Model;

/// <summary>A cluster that receives a share of a route's requests.</summary>
/// <param name="Name">The cluster, one that exists.</param>
/// <param name="Weight">Its share, out of the sum of all.</param>
/// <param name="MetadataMatch">Which subset of its hosts they go to: instead of the route's own.</param>
internal sealed record WeightedClusterConfiguration(string Name, long Weight, IReadOnlyList<KeyValuePair<string, string>> MetadataMatch);
