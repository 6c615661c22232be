using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Outrider.Configuration.Binding;

/// <summary>Turns the replacement text of Go's <c>Regexp.ReplaceAllString</c> into that of .NET's <see cref="Regex.Replace(string, string)"/>.</summary>
internal static class GoReplacement
{
    /// <summary>
    /// Translates. In Go a name after <c>$</c> is as long as it can be (<c>$1x</c> is the group named <c>1x</c>), and a group that does not
    /// exist is empty text; .NET would keep both as they stand, and knows <c>$&amp;</c> and others that Go does not.
    /// </summary>
    /// <returns>Null when a group is meant by number in a pattern that names groups: .NET counts those in another order.</returns>
    public static string? Translate(Regex regex, string replacement)
    {
        string[] groups = regex.GetGroupNames();
        bool hasNames = groups.Any(name => !char.IsAsciiDigit(name[0]));
        var text = new StringBuilder(replacement.Length);
        for (int i = 0; i < replacement.Length; i++)
        {
            if (replacement[i] != '$')
            {
                text.Append(replacement[i]);
                continue;
            }

            string name = NameAfterDollar(replacement.AsSpan(i + 1), out int length);
            if (length == 0)
            {
                // A dollar for itself, alone or doubled.
                text.Append("$$");
                i += replacement.AsSpan(i + 1).StartsWith("$") ? 1 : 0;
                continue;
            }

            i += length;
            bool isNumber = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            if (isNumber && number > 0 && hasNames)
            {
                return null;
            }

            name = isNumber ? number.ToString(CultureInfo.InvariantCulture) : name;
            text.Append(groups.Contains(name) ? "${" + name + "}" : "");
        }

        return text.ToString();
    }

    private static string NameAfterDollar(ReadOnlySpan<char> text, out int length)
    {
        length = 0;
        bool braced = text.StartsWith("{");
        int start = braced ? 1 : 0;
        int end = start;
        while (end < text.Length && (char.IsLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        if (end == start || (braced && (end == text.Length || text[end] != '}')))
        {
            return "";
        }

        length = braced ? end + 1 : end;
        return text[start..end].ToString();
    }
}
