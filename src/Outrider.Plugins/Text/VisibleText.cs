using System.Buffers;
using System.Globalization;
using System.Text;

namespace Outrider.Plugins.Text;

/// <summary>Text that somebody else wrote, for a log that is looked at on a terminal: what would move, hide or turn round other text is written as <c>\xNN</c>, byte by byte.</summary>
internal static class VisibleText
{
    // Controls of Unicode (Cc) but the line break, which the log indents; line and paragraph separators; what changes the direction of text (UAX #9).
    private static readonly SearchValues<char> s_hidden = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(c => c != '\n').Concat(Enumerable.Range(0x7f, 0x21))
            .Concat([0x061c, 0x200e, 0x200f, 0x2028, 0x2029]).Concat(Enumerable.Range(0x202a, 5)).Concat(Enumerable.Range(0x2066, 4)).Select(c => (char)c)]);

    /// <summary>The text, with all of it to be seen. The same string where there is nothing to do.</summary>
    internal static string Of(string text)
    {
        if (text.AsSpan().IndexOfAny(s_hidden) < 0)
        {
            return text;
        }

        var visible = new StringBuilder(text.Length + 16);
        Span<byte> bytes = stackalloc byte[4];
        foreach (char c in text)
        {
            if (!s_hidden.Contains(c))
            {
                _ = visible.Append(c);
                continue;
            }

            foreach (byte b in bytes[..Encoding.UTF8.GetBytes([c], bytes)])
            {
                _ = visible.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
            }
        }

        return visible.ToString();
    }
}
