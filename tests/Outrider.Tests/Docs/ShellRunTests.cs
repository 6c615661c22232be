using System.Text;
using System.Text.RegularExpressions;
using Outrider.Tests.CommandLine;

namespace Outrider.Tests.Docs;

/// <summary>
/// The shell examples of the pages that a reader can type one after the other: servers first, then requests, whose answers are what the page
/// says. They have ports of their own that nobody may choose, so they run in a network namespace of their own, or alone where none may be made.
/// </summary>
[Collection(nameof(DemoTests))]
public sealed partial class ShellRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outrider-shell-").FullName;

    public static TheoryData<string> Blocks() => [.. ShellBlock.All.Where(block => block.CanRun).Select(block => block.Place)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Those_of_the_README_and_of_eight_samples_can_be_run()
        => Assert.Equal(9, ShellBlock.All.Where(block => block.CanRun).Select(block => block.Place.Split(':')[0]).Distinct().Count());

    [TheoryWithShell]
    [MemberData(nameof(Blocks))]
    public async Task It_does_what_the_page_says(string place)
    {
        var block = ShellBlock.All.Single(one => one.Place == place);
        // The program as it was built with the tests, in the place of the script that builds it.
        foreach (string name in new[] { "samples", "src" })
        {
            Directory.CreateSymbolicLink(Path.Combine(_folder, name), Path.Combine(SampleCopy.Root, name));
        }

        string program = Path.Combine(_folder, "outrider");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec dotnet '{OutriderProcess.ProgramFile}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string script = Path.Combine(_folder, "block.sh");
        await File.WriteAllTextAsync(script, Script(block, TheoryWithShellAttribute.MayHaveNamespace));

        string[] command = TheoryWithShellAttribute.MayHaveNamespace ? ["unshare", "-rn", "bash", script] : ["bash", script];
        using var shell = OutriderProcess.StartIn(_folder, command[0], command[1..]);
        int code = await shell.ExitAsync(TimeSpan.FromMinutes(3));

        Assert.True(code == 0, $"{place}:\n{shell.Out}\n{shell.Error}");
    }

    private static string Script(ShellBlock block, bool ownNetwork)
    {
        var script = new StringBuilder(ownNetwork ? "ip link set lo up || exit 9\n" : "");
        script.Append("""
            trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
            # answers COMMAND EXPECTED: an answer that is like that, from servers that may still be starting.
            answers() {
                for try in $(seq 300); do
                    said=$(eval "$1" 2>&1) && grep -qE "$2" <<<"$said" && return
                    sleep 0.1
                done
                echo "$1: wanted $2, got: $said"
                exit 1
            }

            """);
        foreach (var line in block.Lines)
        {
            string[][] commands = [.. line.Commands];
            if (commands.Any(words => words[0] is "envoy" || words is ["dotnet", "publish", ..]))
            {
                // For Envoy: its own tests run that.
                continue;
            }

            if (commands.All(IsBuild))
            {
                continue;
            }

            if (line.IsServer)
            {
                Assert.All(commands[..^1], words => Assert.True(IsBuild(words), line.Text));
                string server = line.Text.Split("&& ")[^1].TrimEnd('&', ' ');
                script.Append(System.Globalization.CultureInfo.InvariantCulture, $"{server} &\n");
            }
            else
            {
                Assert.Equal("curl", commands[0][0]);
                Assert.DoesNotContain('"', line.Text);
                script.Append(System.Globalization.CultureInfo.InvariantCulture, $"answers \"{line.Text.Replace("curl ", "curl -sS -m 5 ", StringComparison.Ordinal)}\" '{Expected(line)}'\n");
            }
        }

        return script.ToString();
    }

    // What is built with the tests.
    private static bool IsBuild(string[] words) => words is ["dotnet", "build", var project, "-c", "Release"] && Directory.Exists(Path.Combine(SampleCopy.Root, project));

    // "403: why", "200, from the upstream" is the status; "site s1 from 3450, then …" the text; without a word any answer will do.
    private static string Expected(ShellLine line)
        => Status().Match(line.Comment) is { Success: true } status ? $"^HTTP/1.1 {status.Groups[1].Value} "
            : line.Comment.StartsWith("site ", StringComparison.Ordinal) ? $"^{line.Comment.Split(',')[0]}$"
            : line.Comment.StartsWith("all four", StringComparison.Ordinal) ? "^site s[123] from 345[0-3]$"
            : line.Comment.StartsWith("hello from ", StringComparison.Ordinal) ? $"^{line.Comment}" : ".";

    [GeneratedRegex(@"^(\d\d\d)\b")]
    private static partial Regex Status();
}
