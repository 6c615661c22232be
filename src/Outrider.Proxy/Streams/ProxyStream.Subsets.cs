using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Streams;

/// <summary>Which of a cluster's hosts a request may go to: by what its route asks for, and what filters have set as metadata.</summary>
internal sealed partial class ProxyStream
{
    private List<KeyValuePair<string, string>>? _wanted;

    /// <summary>Chooses a host for one try, of the subset that this request wants where the cluster has subsets.</summary>
    internal UpstreamHost? ChooseHostOf(Cluster cluster, ref TriedHosts tried)
    {
        if (cluster.Configuration.Subsets is null)
        {
            return cluster.ChooseHost(Loop.Index, Site.Random, ref tried);
        }

        var wanted = _wanted ??= [];
        wanted.Clear();
        if (Route?.Action is { MetadataMatch.Count: > 0 } action)
        {
            wanted.AddRange(action.MetadataMatch);
        }

        _context.AddSubsetMetadata(wanted);
        return cluster.ChooseHost(Loop.Index, Site.Random, ref tried, wanted);
    }
}
