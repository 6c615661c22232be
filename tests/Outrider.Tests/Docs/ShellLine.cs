using System.Text;

namespace Outrider.Tests.Docs;

/// <summary>One line of a shell example.</summary>
/// <param name="Place">Page and line.</param>
/// <param name="Text">What a reader types, without the prompt and the comment.</param>
/// <param name="Comment">What the page says of it; empty where it says nothing.</param>
internal sealed record ShellLine(string Place, string Text, string Comment)
{
    /// <summary>Does it stay until it is ended: a server?</summary>
    internal bool IsServer => Text.EndsWith('&') || Commands.Any(words => words is ["./outrider", "start" or "echo" or "demo", ..]);

    /// <summary>Its commands, each as its words: what stands between <c>&amp;&amp;</c>, <c>|</c> and <c>;</c>, without variables in front.</summary>
    internal IEnumerable<string[]> Commands => Split(Words(Text));

    internal static ShellLine Of(string page, int number, string line)
    {
        // A comment begins behind a blank, outside of quotes; no example has a # in its quotes.
        int comment = line.StartsWith('#') ? 0 : line.IndexOf(" #", StringComparison.Ordinal);
        string text = (comment < 0 ? line : line[..comment]).Trim();
        return new ShellLine($"{page}:{number}", text.StartsWith("$ ", StringComparison.Ordinal) ? text[2..] : text, comment < 0 ? "" : line[comment..].Trim(' ', '#'));
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        char quote = '\0';
        bool begun = false;
        foreach (char c in text)
        {
            if (quote != '\0' ? c == quote : c is '\'' or '"')
            {
                quote = quote == '\0' ? c : '\0';
                begun = true;
            }
            else if (c == ' ' && quote == '\0')
            {
                if (begun)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                begun = false;
            }
            else
            {
                word.Append(c);
                begun = true;
            }
        }

        if (begun)
        {
            words.Add(word.ToString());
        }

        return words;
    }

    private static IEnumerable<string[]> Split(List<string> words)
    {
        var command = new List<string>();
        foreach (string word in words.Append(";"))
        {
            if (word is "&&" or "|" or ";" or "&" or ">")
            {
                if (command.Count > 0)
                {
                    yield return [.. command];
                }

                command.Clear();
                // Behind > is a file.
                if (word == ">")
                {
                    command.Add(word);
                }
            }
            else if (command.Count > 0 || !word.Contains('=', StringComparison.Ordinal))
            {
                command.Add(word);
            }
        }
    }
}
