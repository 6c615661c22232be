using System.Text;
using Outrider.Http;
using Outrider.Proxy.Configuration;
using Outrider.Proxy.Upstream;

namespace Outrider.Proxy.Routing;

/// <summary>Says which cluster a route's request goes to. Names of the configuration are looked up once, when it is compiled.</summary>
internal sealed class ClusterChoice
{
    private readonly ClusterSet _clusters;
    private readonly Cluster? _cluster;
    private readonly byte[]? _header;
    private readonly (Cluster? Cluster, ulong UpTo)[] _weighted = [];
    private readonly ulong _total;

    public ClusterChoice(RouteActionConfiguration action, ClusterSet clusters)
    {
        _clusters = clusters;
        _cluster = action.ClusterName is { } name ? clusters.Find(name) : null;
        _header = action.ClusterHeader is { } header ? Encoding.UTF8.GetBytes(header) : null;
        if (action.WeightedClusters.Count > 0)
        {
            _weighted = new (Cluster?, ulong)[action.WeightedClusters.Count];
            for (int i = 0; i < _weighted.Length; i++)
            {
                _total += (ulong)action.WeightedClusters[i].Weight;
                _weighted[i] = (clusters.Find(action.WeightedClusters[i].Name), _total);
            }
        }
    }

    /// <summary>The cluster; null when a header names none that exists.</summary>
    public Cluster? Choose(RequestHead request, LoopRandom random)
    {
        if (_cluster is not null)
        {
            return _cluster;
        }

        if (_weighted.Length > 0)
        {
            return ChooseByWeight(random.Next(_total));
        }

        int index = _header is null ? -1 : request.Fields.IndexOf(_header);
        return index < 0 ? null : _clusters.Find(request.Fields.ValueAt(index));
    }

    private Cluster? ChooseByWeight(ulong drawn)
    {
        foreach ((Cluster? cluster, ulong upTo) in _weighted)
        {
            if (drawn < upTo)
            {
                return cluster;
            }
        }

        return null;
    }
}
