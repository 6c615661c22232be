using System.Text;
using Outrider.Configuration.Model;
using Outrider.Http.Messages;
using Outrider.Upstream;

namespace Outrider.Proxy.Routing;

/// <summary>Says which cluster a route's request goes to. Names of the configuration are looked up once, when it is compiled.</summary>
internal sealed class ClusterChoice
{
    private readonly ClusterHandles _clusters;
    private readonly ClusterHandle? _cluster;
    private readonly byte[]? _header;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _metadataMatch;
    private readonly (ClusterHandle Cluster, ulong UpTo, IReadOnlyList<KeyValuePair<string, string>> MetadataMatch)[] _weighted = [];
    private readonly ulong _total;

    public ClusterChoice(RouteActionConfiguration action, ClusterHandles clusters)
    {
        _clusters = clusters;
        _metadataMatch = action.MetadataMatch;
        _cluster = action.ClusterName is { } name ? clusters.Get(name) : null;
        _header = action.ClusterHeader is { } header ? Encoding.UTF8.GetBytes(header) : null;
        if (action.WeightedClusters.Count > 0)
        {
            _weighted = new (ClusterHandle, ulong, IReadOnlyList<KeyValuePair<string, string>>)[action.WeightedClusters.Count];
            for (int i = 0; i < _weighted.Length; i++)
            {
                _total += (ulong)action.WeightedClusters[i].Weight;
                _weighted[i] = (clusters.Get(action.WeightedClusters[i].Name), _total, action.WeightedClusters[i].MetadataMatch);
            }
        }
    }

    /// <summary>The cluster of now on that loop; null where there is none of the name.</summary>
    public Cluster? Choose(RequestHead request, LoopRandom random, int loop, out IReadOnlyList<KeyValuePair<string, string>> metadataMatch)
    {
        metadataMatch = _metadataMatch;
        if (_cluster is not null)
        {
            return _cluster.On(loop);
        }

        if (_weighted.Length > 0)
        {
            return ChooseByWeight(random.Next(_total), loop, out metadataMatch);
        }

        int index = _header is null ? -1 : request.Fields.IndexOf(_header);
        return index < 0 ? null : _clusters.Find(request.Fields.ValueAt(index))?.On(loop);
    }

    private Cluster? ChooseByWeight(ulong drawn, int loop, out IReadOnlyList<KeyValuePair<string, string>> metadataMatch)
    {
        int i = 0;
        while (drawn >= _weighted[i].UpTo)
        {
            i++;
        }

        metadataMatch = _weighted[i].MetadataMatch;
        return _weighted[i].Cluster.On(loop);
    }
}
