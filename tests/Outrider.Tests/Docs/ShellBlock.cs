using System.Text.RegularExpressions;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Docs;

/// <summary>What a page has a reader type in a shell: a block whose lines are commands, not the output of one.</summary>
/// <param name="Place">Page and line.</param>
/// <param name="Lines">Its lines, without empty ones.</param>
internal sealed partial record ShellBlock(string Place, IReadOnlyList<ShellLine> Lines)
{
    // What commands of the pages begin with.
    private static readonly string[] s_programs = ["./outrider", "outrider", "./test.sh", "dotnet", "curl", "nginx", "envoy", "cp", "python3", "gdb", "apt-get", "grep"];

    /// <summary>Those of the README, CONTRIBUTING, docs/, bench/ and all samples.</summary>
    internal static IReadOnlyList<ShellBlock> All { get; } = [.. Page.All.Concat(Others()).SelectMany(Of)];

    /// <summary>
    /// Can a test run it as it stands? It starts our proxy, and says what the answers to its requests are. What it publishes for Envoy is
    /// left out; what has to be published before it starts makes it a block for readers alone.
    /// </summary>
    internal bool CanRun => Lines.Any(line => line.Text.Contains("./outrider start -c samples/", StringComparison.Ordinal)) && Lines.Any(line => line.Commands.Any(words => words[0] == "curl"));

    /// <summary>Is it a line of that kind: its first word a program, or a script of the repository?</summary>
    internal static bool IsCommand(ShellLine line)
        => line.Commands.FirstOrDefault() is [var program, ..] && (s_programs.Contains(program) || (program.Contains('/', StringComparison.Ordinal) && File.Exists(Path.Combine(SampleCopy.Root, program))));

    private static IEnumerable<ShellBlock> Of(Page page)
    {
        foreach (var (line, text) in page.Blocks(""))
        {
            ShellLine[] lines = [.. text.Split('\n').Select((one, i) => ShellLine.Of(page.Name, line + 1 + i, one)).Where(one => one.Text.Length > 0)];
            if (lines.Length > 0 && IsCommand(lines[0]))
            {
                yield return new ShellBlock($"{page.Name}:{line}", lines);
            }
        }
    }

    private static IEnumerable<Page> Others()
    {
        string samples = Path.Combine(SampleCopy.Root, "samples");
        foreach (string file in Directory.GetFiles(samples, "*.md", SearchOption.AllDirectories).Append(Path.Combine(SampleCopy.Root, "bench", "README.md")).Order(StringComparer.Ordinal))
        {
            yield return new Page(Path.GetRelativePath(SampleCopy.Root, file), File.ReadAllText(file));
        }

        // What nginx's configurations say above themselves.
        foreach (string file in Directory.GetFiles(samples, "nginx.conf", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string[] commands = [.. Commented().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)];
            if (commands.Length > 0)
            {
                yield return new Page(Path.GetRelativePath(SampleCopy.Root, file), $"```\n{string.Join('\n', commands)}\n```\n");
            }
        }
    }

    [GeneratedRegex("^#   (.+)$", RegexOptions.Multiline)]
    private static partial Regex Commented();
}
