using System.Collections.Concurrent;
using System.Text;

namespace Outrider.Filters;

/// <summary>
/// Header names as Go's <c>textproto.CanonicalMIMEHeaderKey</c> writes them: the first letter, and each after a hyphen, large, all
/// others small. Plugins written for MOSN compare them letter by letter.
/// </summary>
internal static class GoHeaderName
{
    // Names that clients make up must not fill the memory: past this many, a name is made each time.
    private const int MaxKept = 1024;
    private const int LongestKept = 64;

    private static readonly ConcurrentDictionary<string, string> s_known = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> s_lookup = s_known.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The name in that form.</summary>
    internal static string Of(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestKept)
        {
            return Make(name);
        }

        Span<char> chars = stackalloc char[LongestKept];
        chars = chars[..Encoding.Latin1.GetChars(name, chars)];
        if (s_lookup.TryGetValue(chars, out string? known))
        {
            return known;
        }

        string made = Make(name);
        if (s_known.Count < MaxKept)
        {
            s_known[chars.ToString()] = made;
        }

        return made;
    }

    private static string Make(ReadOnlySpan<byte> name)
    {
        if (!HeaderSyntax.IsToken(name))
        {
            return Encoding.Latin1.GetString(name);
        }

        char[] chars = new char[name.Length];
        bool large = true;
        for (int i = 0; i < name.Length; i++)
        {
            char c = (char)name[i];
            chars[i] = large ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c);
            large = c == '-';
        }

        return new string(chars);
    }
}
