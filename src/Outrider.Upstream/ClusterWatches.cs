namespace Outrider.Upstream;

/// <summary>Who watches the health of the hosts of the clusters in force. Used by one thread at a time.</summary>
/// <param name="warn">Is told what goes wrong; on any thread.</param>
/// <param name="openLog">Opens the log of that path, for health checks' events; null for none.</param>
internal sealed class ClusterWatches(Action<string> warn, Func<string, Action<string>>? openLog = null) : IDisposable
{
    private Dictionary<Cluster, ClusterWatch> _watches = [];

    /// <summary>These are the clusters from now on. Those that stay go on as they are.</summary>
    public void Use(IEnumerable<Cluster> clusters)
    {
        var before = _watches;
        _watches = [];
        List<Cluster> added = [];
        foreach (var cluster in clusters)
        {
            if (before.Remove(cluster, out var watch))
            {
                _watches.Add(cluster, watch);
            }
            else
            {
                added.Add(cluster);
            }
        }

        // The old ones first: two of one name have the same hosts.
        foreach (var watch in before.Values)
        {
            watch.Dispose();
        }

        foreach (var cluster in added)
        {
            _watches.Add(cluster, new ClusterWatch(cluster, warn, openLog));
        }
    }

    /// <summary>Nobody is watched any more.</summary>
    public void Dispose() => Use([]);
}
