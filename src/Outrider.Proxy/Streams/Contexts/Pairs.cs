namespace Outrider.Proxy.Streams.Contexts;

/// <summary>Finds a value in <c>a=b&amp;c=d</c> or <c>a=b; c=d</c>.</summary>
internal static class Pairs
{
    /// <summary>The value of that name as it stands, undecoded; empty when there is none.</summary>
    internal static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> text, byte separator, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOf(separator);
            var pair = (end < 0 ? text : text[..end]).Trim((byte)' ');
            text = end < 0 ? default : text[(end + 1)..];
            if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name))
            {
                return pair[(name.Length + 1)..];
            }
        }

        return default;
    }
}
