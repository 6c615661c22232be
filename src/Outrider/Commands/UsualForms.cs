using Outrider.Running;

namespace Outrider.Commands;

/// <summary>
/// Reads the command lines of the processes that live long, as they are nearly always written, without the library that reads all others:
/// loading it costs time at each start and memory for as long as the process lives (docs/dependencies.md).
/// </summary>
internal static class UsualForms
{
    /// <summary>Runs what it recognises.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>The exit code to come; null for everything else, mistakes among it.</returns>
    internal static Task<int>? TryRunAsync(string[] args) => args switch
    {
        ["start", "-c" or "--config", var file] when IsValue(file) => StartCommand.RunAsync(file, warmUp: true),
        ["start", "-c" or "--config", var file, "--warm-up", "yes" or "no"] when IsValue(file) => StartCommand.RunAsync(file, args[4] == "yes"),
        ["version"] => VersionAsync(),
        _ => null,
    };

    // What begins with a dash may be an option.
    private static bool IsValue(string text) => text.Length > 0 && text[0] != '-';

    private static async Task<int> VersionAsync()
    {
        await Console.Out.WriteLineAsync(ProductVersion.Line).ConfigureAwait(false);
        return 0;
    }
}
