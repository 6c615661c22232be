namespace Outrider.Configuration.Model;

/// <summary>Where copies of a route's requests go (<c>request_mirror_policies</c>), for the filter <c>mirror</c>.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Percent">Per cent of the requests, 1 to 100.</param>
internal sealed record MirrorConfiguration(string Cluster, int Percent);
