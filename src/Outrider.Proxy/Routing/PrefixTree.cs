using Outrider.Http.Messages;

namespace Outrider.Proxy.Routing;

/// <summary>
/// Prefixes of paths as a tree, in which each node has what its parent has not: all prefixes of a path are found on one way from the root, in as many steps as there are nodes on
/// it. Immutable once it is asked.
/// </summary>
internal sealed class PrefixTree
{
    private readonly Node _root = new([]);

    private sealed class Node(byte[] label)
    {
        public byte[] Label { get; set; } = label;

        public RouteBucket? Bucket { get; set; }

        public byte[] Firsts { get; set; } = [];

        public Node[] Children { get; set; } = [];
    }

    /// <summary>Adds a prefix that is not there yet.</summary>
    public void Add(ReadOnlySpan<byte> prefix, RouteBucket bucket)
    {
        var node = _root;
        while (true)
        {
            if (prefix.IsEmpty)
            {
                node.Bucket = bucket;
                return;
            }

            int index = node.Firsts.AsSpan().IndexOf(prefix[0]);
            if (index < 0)
            {
                Append(node, new Node(prefix.ToArray()) { Bucket = bucket });
                return;
            }

            var child = node.Children[index];
            int common = prefix.CommonPrefixLength(child.Label);
            if (common < child.Label.Length)
            {
                // What both have in common becomes a node of its own between them.
                var between = new Node(child.Label[..common]);
                child.Label = child.Label[common..];
                Append(between, child);
                node.Children[index] = between;
                child = between;
            }

            prefix = prefix[common..];
            node = child;
        }
    }

    /// <summary>Adds the routes of all prefixes of a path that a request may be for.</summary>
    public void Find(ReadOnlySpan<byte> path, RequestHead request, ref CandidateLists lists)
    {
        var node = _root;
        while (true)
        {
            node.Bucket?.Find(request, ref lists);
            int index = path.IsEmpty ? -1 : node.Firsts.AsSpan().IndexOf(path[0]);
            if (index < 0)
            {
                return;
            }

            node = node.Children[index];
            if (!path.StartsWith(node.Label))
            {
                return;
            }

            path = path[node.Label.Length..];
        }
    }

    private static void Append(Node to, Node child)
    {
        to.Firsts = [.. to.Firsts, child.Label[0]];
        to.Children = [.. to.Children, child];
    }
}
