namespace Outrider.Upstream;

/// <summary>
/// What routes hold of a cluster: its name, and what stands under it now. A change of configuration gives each loop the new cluster between
/// two batches of events, so that on a loop a change is there whole or not at all.
/// </summary>
/// <param name="name">The cluster's name.</param>
/// <param name="loops">How many loops there are.</param>
internal sealed class ClusterHandle(string name, int loops)
{
    // Each loop reads and writes its own. They are written so rarely that loops may share a cache line.
    private readonly Cluster?[] _values = new Cluster?[loops];

    /// <summary>The cluster's name.</summary>
    public string Name => name;

    /// <summary>The cluster of now on a loop; null where there is none of the name. On that loop.</summary>
    public Cluster? On(int loop) => _values[loop];

    /// <summary>The loop goes by this cluster from now on. On that loop, or before it runs.</summary>
    public void Set(int loop, Cluster cluster) => _values[loop] = cluster;
}
