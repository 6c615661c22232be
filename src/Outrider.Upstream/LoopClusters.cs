using System.Text;

namespace Outrider.Upstream;

/// <summary>The clusters of now as one loop has them. On that loop.</summary>
/// <param name="handles">All handles.</param>
/// <param name="loop">The loop's number.</param>
internal readonly struct LoopClusters(ClusterHandles handles, int loop)
{
    /// <summary>The cluster of that name in UTF-8, or null. Allocates nothing.</summary>
    public Cluster? Find(ReadOnlySpan<byte> name) => handles.Find(name)?.On(loop);

    /// <summary>The cluster of that name, or null.</summary>
    public Cluster? Find(string name) => Find(Encoding.UTF8.GetBytes(name));
}
