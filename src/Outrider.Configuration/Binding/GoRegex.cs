using System.Text;
using System.Text.RegularExpressions;

namespace Outrider.Configuration.Binding;

/// <summary>Compiles Go's regular expressions (RE2), which run in linear time, with .NET's engine that does so too.</summary>
internal static class GoRegex
{
    /// <summary>Compiles; null and a message when the pattern is not valid.</summary>
    public static Regex? Compile(string pattern, out string error)
    {
        error = "";
        if (Translate(pattern) is not { } translated)
        {
            error = "POSIX classes such as [:alpha:] are not supported, write the letters out ([A-Za-z])";
            return null;
        }

        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException e)
        {
            error = e.Message;
        }
        catch (NotSupportedException)
        {
            error = "it is too large, or uses lookarounds, backreferences or the like, which cannot be matched in linear time";
        }

        return null;
    }

    // Go writes (?P<name>…) where .NET writes (?<name>…). A POSIX class would silently mean something else in .NET.
    private static string? Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length);
        bool inClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            ReadOnlySpan<char> rest = pattern.AsSpan(i);
            if (rest[0] == '\\' && rest.Length > 1)
            {
                text.Append(rest[..2]);
                i++;
                continue;
            }

            if (inClass && rest.StartsWith("[:"))
            {
                return null;
            }

            if (!inClass && rest.StartsWith("(?P<"))
            {
                text.Append("(?");
                i += 2;
                continue;
            }

            inClass = rest[0] == '[' || (inClass && rest[0] != ']');
            text.Append(rest[0]);
        }

        return text.ToString();
    }
}
