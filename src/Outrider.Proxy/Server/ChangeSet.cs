using Outrider.Net.Loops;
using Outrider.Upstream;

namespace Outrider.Proxy.Server;

/// <summary>
/// One change of what is in force, compiled: nothing of it can fail any more. Each loop makes it whole, between two batches of events:
/// clusters, then routes, then listeners, so that whatever is named is there; and what goes, goes in the reverse order.
/// </summary>
/// <param name="clusters">The clusters in force from now on.</param>
/// <param name="handles">What routes hold of them.</param>
/// <param name="listeners">What becomes of the listeners.</param>
internal sealed class ChangeSet(ClusterSet clusters, ClusterHandles handles, ListenerChanges listeners)
{
    private readonly (ClusterHandle Handle, Cluster Cluster)[] _clusters = [.. clusters.Clusters.Select(cluster => (handles.Get(cluster.Name), cluster))];

    /// <summary>What becomes of the listeners.</summary>
    internal ListenerChanges Listeners => listeners;

    /// <summary>Makes the change on a loop. On the loop.</summary>
    internal void ApplyTo(EventLoop loop)
    {
        foreach (var (handle, cluster) in _clusters)
        {
            handle.Set(loop.Index, cluster);
        }

        listeners.ApplyRoutes(loop);
        listeners.ApplyListeners(loop);
        listeners.Remove(loop);
    }

    /// <summary>No loop that is not stuck has anything of what is gone: the clusters that are gone lose their names.</summary>
    internal void Forget() => handles.Keep(clusters.Clusters.Select(cluster => cluster.Name));
}
