using System.Buffers;

namespace Outrider.Upstream.Subsets;

/// <summary>A set of keys and values as one text, the same whatever order they come in: what subsets are found by.</summary>
internal static class SubsetKey
{
    /// <summary>The text of these pairs.</summary>
    public static string Of(IEnumerable<KeyValuePair<string, string>> pairs)
        => string.Concat(pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}\0{pair.Value}\0"));

    /// <summary>Finds what belongs to these pairs. Sorts them; allocates nothing.</summary>
    public static T? Find<T>(List<KeyValuePair<string, string>> pairs, Dictionary<string, T>.AlternateLookup<ReadOnlySpan<char>> table)
        where T : class
    {
        pairs.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        int length = 0;
        foreach (var (key, value) in pairs)
        {
            length += key.Length + value.Length + 2;
        }

        char[]? rented = null;
        Span<char> text = length <= 256 ? stackalloc char[256] : rented = ArrayPool<char>.Shared.Rent(length);
        int at = 0;
        foreach (var (key, value) in pairs)
        {
            key.CopyTo(text[at..]);
            at += key.Length;
            text[at++] = '\0';
            value.CopyTo(text[at..]);
            at += value.Length;
            text[at++] = '\0';
        }

        _ = table.TryGetValue(text[..at], out T? found);
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return found;
    }
}
