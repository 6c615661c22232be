namespace Outrider.Configuration.Model;

/// <summary>What a cluster, a router or a listener is written as, to tell whether another configuration says the same of it. Immutable.</summary>
/// <param name="folder">Where relative paths begin.</param>
/// <param name="parts">The text, in as many parts as it stands in.</param>
internal sealed class ResourceText(string folder, params IReadOnlyList<ReadOnlyMemory<byte>> parts)
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _parts = parts;

    /// <summary>Where relative paths begin.</summary>
    public string Folder => folder;

    /// <summary>Do both say the same, byte for byte?</summary>
    public bool IsSame(ResourceText? other)
    {
        if (other is null || Folder != other.Folder || _parts.Count != other._parts.Count)
        {
            return false;
        }

        for (int i = 0; i < _parts.Count; i++)
        {
            if (!_parts[i].Span.SequenceEqual(other._parts[i].Span))
            {
                return false;
            }
        }

        return true;
    }
}
