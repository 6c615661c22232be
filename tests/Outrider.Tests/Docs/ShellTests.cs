using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Docs;

/// <summary>What the pages have a reader type names commands, options and files that there are.</summary>
public sealed partial class ShellTests
{
    private static readonly ConcurrentDictionary<string, Task<string>> s_help = new();

    [Fact]
    public async Task Every_command_has_the_options_that_it_is_given_and_its_files_are_there()
    {
        var wrong = new List<string>();
        int seen = 0;
        foreach (var line in ShellBlock.All.SelectMany(block => block.Lines))
        {
            // Below a prompt stands what the command has said.
            if (!ShellBlock.IsCommand(line))
            {
                continue;
            }

            foreach (string[] words in line.Commands)
            {
                seen++;
                if (await FaultAsync(words) is { } fault)
                {
                    wrong.Add($"{line.Place}: {line.Text}: {fault}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(seen > 70, $"only {seen} commands were found in the pages");
    }

    [Fact]
    public void In_a_block_that_begins_with_a_command_without_a_prompt_all_are_commands()
    {
        string[] strange =
        [
            .. from block in ShellBlock.All
               where !Fenced(block).StartsWith("$ ", StringComparison.Ordinal)
               from line in block.Lines
               where !ShellBlock.IsCommand(line)
               select $"{line.Place}: {line.Text}",
        ];

        Assert.Empty(strange);
    }

    private static string Fenced(ShellBlock block)
    {
        string[] place = block.Lines[0].Place.Split(':');
        return File.ReadAllLines(Path.Combine(SampleCopy.Root, place[0]))[int.Parse(place[1], System.Globalization.CultureInfo.InvariantCulture) - 1];
    }

    private static async Task<string?> FaultAsync(string[] words)
    {
        string[] options = [.. words.Skip(1).Where(word => word.Length > 1 && word[0] == '-').Select(word => word.Split('=')[0])];
        string[] paths = [.. words.Where(word => word.Contains('/', StringComparison.Ordinal)).Select(word => word.Replace("$PWD/", "", StringComparison.Ordinal))];
        foreach (string path in paths.Where(IsOurs))
        {
            if (!Exists(path))
            {
                return $"there is no {path}";
            }
        }

        switch (words[0])
        {
            case "./outrider" or "outrider":
                int named = words.Skip(1).TakeWhile(word => word[0] is not '-' and not '[').Count();
                return Unknown(options.Concat(words.Where(word => word.StartsWith("[-", StringComparison.Ordinal)).Select(word => word[1..])), await OutriderHelpAsync(words[1..(1 + named)]));
            case "dotnet":
                return words[1] == "new" && words[2] != "install" ? null : Unknown(options, await HelpAsync("dotnet", words[1] == "new" ? ["new", "install", "--help"] : [words[1], "--help"]));
            case "curl" when FactWithAttribute.Find("curl") is not null:
                return Unknown(options.SelectMany(Single), await HelpAsync("curl", ["--help", "all"]));
            case "./test.sh" or "gdb" or "apt-get" or "envoy" or "nginx" or "cp" or "python3" or "grep" or "curl" or ">":
                return null;
            default:
                string script = await File.ReadAllTextAsync(Path.Combine(SampleCopy.Root, words[0]));
                return Unknown(options, script + await File.ReadAllTextAsync(Path.Combine(SampleCopy.Root, "bench", "compare.sh")));
        }
    }

    // "-sS" is two options.
    private static IEnumerable<string> Single(string option) => option.StartsWith("--", StringComparison.Ordinal) ? [option] : option[1..].Select(letter => $"-{letter}");

    private static string? Unknown(IEnumerable<string> options, string help)
        => options.FirstOrDefault(option => !Regex.IsMatch(help, $@"(?<![\w-]){Regex.Escape(option)}(?![\w-])")) is { } unknown ? $"there is no {unknown}" : null;

    private static bool IsOurs(string path) => OurPath().IsMatch(path);

    // A folder, a file, or a pattern for some; a command's argument may be a folder that the command makes a file of.
    private static bool Exists(string path)
    {
        string whole = Path.Combine(SampleCopy.Root, path.TrimEnd('/'));
        return File.Exists(whole) || Directory.Exists(whole)
            || (path.Contains('*', StringComparison.Ordinal) && Directory.GetFileSystemEntries(Path.GetDirectoryName(whole)!, Path.GetFileName(whole)).Length > 0);
    }

    private static async Task<string> OutriderHelpAsync(string[] command) => await HelpAsync("dotnet", [OutriderProcess.ProgramFile, .. command, "--help"]);

    private static Task<string> HelpAsync(string program, string[] arguments) => s_help.GetOrAdd($"{program} {string.Join(' ', arguments)}", async _ =>
    {
        using var process = OutriderProcess.StartOther(program, arguments);
        int code = await process.ExitAsync();
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: {process.Error}");
        return process.Out;
    });

    [GeneratedRegex(@"^(\./)?(samples|src|bench|docs|tests|templates)/")]
    private static partial Regex OurPath();
}
