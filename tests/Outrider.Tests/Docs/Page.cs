using System.Text.RegularExpressions;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Docs;

/// <summary>A page of the documentation.</summary>
/// <param name="Name">Its path in the repository.</param>
/// <param name="Text">What it says.</param>
internal sealed partial record Page(string Name, string Text)
{
    /// <summary>The README, CONTRIBUTING and all of <c>docs/</c>.</summary>
    internal static IReadOnlyList<Page> All { get; } =
        [.. ((string[])["README.md", "CONTRIBUTING.md", .. Directory.GetFiles(System.IO.Path.Combine(SampleCopy.Root, "docs"), "*.md").Select(file => "docs/" + System.IO.Path.GetFileName(file)).Order(StringComparer.Ordinal)]).Select(Read)];

    internal static Page Of(string name) => All.Single(page => page.Name == name);

    /// <summary>The blocks between fences of that language; the empty one is no language.</summary>
    internal IEnumerable<(int Line, string Text)> Blocks(string language)
        => Fence().Matches(Text).Where(match => match.Groups[1].Value == language).Select(match => (Text[..match.Index].Count(c => c == '\n') + 1, match.Groups[2].Value));

    /// <summary>The page without its blocks.</summary>
    internal string Prose => Fence().Replace(Text, "");

    private static Page Read(string name) => new(name, File.ReadAllText(System.IO.Path.Combine(SampleCopy.Root, name)));

    [GeneratedRegex("^```(\\w*)\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();
}
