using System.Buffers;
using System.Text;

namespace Outrider.Proxy.Routing;

/// <summary>A path's normal form as text, which patterns look at, with the way back to the bytes as they came: what a rewrite does not touch stays as the client wrote it.</summary>
internal sealed class MappedPath
{
    private readonly byte[] _path;

    // Where in the path the first byte of each char begins, and where the last one ends.
    private readonly List<(int Start, int End)> _ranges = [];

    public MappedPath(ReadOnlySpan<byte> path)
    {
        _path = path.ToArray();
        int[] origins = new int[path.Length];
        ReadOnlySpan<byte> normal = NormalPath.Write(path, new byte[path.Length], origins);
        var text = new StringBuilder(normal.Length);
        Span<char> chars = stackalloc char[2];
        for (int at = 0; at < normal.Length;)
        {
            // What is not UTF-8 is one odd character for each byte.
            if (Rune.DecodeFromUtf8(normal[at..], out Rune rune, out int used) != OperationStatus.Done)
            {
                used = 1;
            }

            int last = origins[at + used - 1];
            var range = (origins[at], last + (NormalPath.IsEscape(path, last) ? 3 : 1));
            for (int i = rune.EncodeToUtf16(chars); i > 0; i--)
            {
                _ranges.Add(range);
            }

            text.Append(rune.ToString());
            at += used;
        }

        Text = text.ToString();
    }

    /// <summary>The normal form, decoded.</summary>
    public string Text { get; }

    /// <summary>What stood in the path for a part of <see cref="Text"/>.</summary>
    public ReadOnlySpan<byte> Slice(int start, int length)
        => length == 0 ? default : _path.AsSpan(_ranges[start].Start.._ranges[start + length - 1].End);
}
