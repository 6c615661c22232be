using System.Text;
using Outrider.Telemetry.Extensions;

namespace Outrider.Upstream;

/// <summary>
/// The handles of all clusters by their names. They stay while clusters of their names come, change and go: what holds a handle
/// need not be made anew with another cluster. Finding is for any thread, everything else for the thread that changes configurations.
/// </summary>
/// <param name="loops">How many loops there are.</param>
internal sealed class ClusterHandles(int loops)
{
    private volatile Dictionary<byte[], ClusterHandle> _byName = new(BytesComparer.Instance);

    /// <summary>How many loops there are.</summary>
    public int Loops => loops;

    /// <summary>The handle of a name. There need not be a cluster of it, yet or any more.</summary>
    public ClusterHandle Get(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (_byName.TryGetValue(bytes, out var known))
        {
            return known;
        }

        // Loops read the old one meanwhile.
        var handle = new ClusterHandle(name, loops);
        _byName = new Dictionary<byte[], ClusterHandle>(_byName, BytesComparer.Instance) { [bytes] = handle };
        return handle;
    }

    /// <summary>The handle of a name in UTF-8; null when nobody has asked for it yet. Allocates nothing.</summary>
    public ClusterHandle? Find(ReadOnlySpan<byte> name)
        => _byName.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var handle) ? handle : null;

    /// <summary>
    /// Forgets the names that no cluster has any more. Streams that hold such a handle still reach the last cluster of the name: they began
    /// when there was one.
    /// </summary>
    /// <param name="names">The names that clusters have.</param>
    public void Keep(IEnumerable<string> names)
    {
        var kept = new Dictionary<byte[], ClusterHandle>(BytesComparer.Instance);
        foreach (string name in names)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(name);
            if (_byName.TryGetValue(bytes, out var handle))
            {
                kept[bytes] = handle;
            }
        }

        if (kept.Count != _byName.Count)
        {
            _byName = kept;
        }
    }
}
