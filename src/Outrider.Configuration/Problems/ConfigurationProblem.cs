using System.Globalization;
using System.Text;

namespace Outrider.Configuration.Problems;

/// <summary>One thing that is wrong with, or odd about, a configuration, and where it stands.</summary>
/// <param name="File">The file, as it was named to the loader.</param>
/// <param name="JsonPath">Where in it: <c>servers[0].listeners[0].address</c>; empty for the file as a whole.</param>
/// <param name="Line">Line, from 1; 0 when the problem is the file itself.</param>
/// <param name="Column">Column in characters, from 1; 0 when the problem is the file itself.</param>
/// <param name="Message">What was found and what is wanted.</param>
internal sealed record ConfigurationProblem(string File, string JsonPath, int Line, int Column, string Message)
{
    /// <summary>A warning that <c>check --strict</c> lets pass: a key of MOSN's that files are full of and that cannot be followed here (docs/configuration.md lists them).</summary>
    public bool IsExcused { get; init; }

    /// <summary><c>file:line:column: path: message</c>, which editors and terminals turn into a link.</summary>
    public override string ToString()
    {
        string place = Line > 0 ? $"{File}:{Line}:{Column}" : File;
        return Visible(JsonPath.Length > 0 ? $"{place}: {JsonPath}: {Message}" : $"{place}: {Message}");
    }

    // A file that somebody else wrote must not move the terminal's cursor, nor turn its text around.
    private static string Visible(string text)
    {
        if (!text.Any(IsInvisible))
        {
            return text;
        }

        var visible = new StringBuilder();
        foreach (char letter in text)
        {
            _ = IsInvisible(letter) ? visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}") : visible.Append(letter);
        }

        return visible.ToString();
    }

    private static bool IsInvisible(char letter) => letter != '\n' && char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
