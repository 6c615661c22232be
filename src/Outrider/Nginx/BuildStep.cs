using System.ComponentModel;
using System.Diagnostics;

namespace Outrider.Nginx;

/// <summary>A program that does a part of a build; what it prints is shown when it fails.</summary>
internal static class BuildStep
{
    /// <summary>Puts a file where another may be: a new one beside it, and then in its place, as somebody may have the old one mapped.</summary>
    internal static void Place(string from, string to)
    {
        string fresh = to + ".new";
        File.Copy(from, fresh, overwrite: true);
        File.Move(fresh, to, overwrite: true);
    }

    /// <summary>Runs it to its end. Its output and its errors come in one text.</summary>
    /// <exception cref="IOException">It cannot be run.</exception>
    internal static async Task<(int Code, string Output)> RunAsync(string program, IEnumerable<string> arguments, string? folder)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? "" };
        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false) + await error.ConfigureAwait(false));
        }
        catch (Win32Exception e)
        {
            throw new IOException($"cannot run {program}: {e.Message}", e);
        }
    }
}
