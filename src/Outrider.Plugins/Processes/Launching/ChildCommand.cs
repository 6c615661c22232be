using System.Diagnostics;

namespace Outrider.Plugins.Processes;

/// <summary>
/// How a child is started so that it ends with us, however we end: in a session of its own (setsid), so that all that it
/// starts can be killed with it, and with SIGKILL from the kernel when we are gone (PR_SET_PDEATHSIG, which setpriv sets). Both
/// programs are of util-linux and become the child's by <c>exec</c>: nothing stays between us and it.
/// </summary>
internal static class ChildCommand
{
    private static readonly string? s_setsid = Find("setsid");
    private static readonly string? s_setpriv = Find("setpriv");

    /// <summary>Does this system have what it takes to end children with us? Without it the watch in our SDK is what remains.</summary>
    internal static bool EndsWithParent => s_setpriv is not null;

    /// <summary>Has a child a process group of its own?</summary>
    internal static bool HasOwnGroup => s_setsid is not null;

    /// <summary>The start of a program.</summary>
    internal static ProcessStartInfo For(string program, IEnumerable<string> arguments, string workingDirectory)
    {
        List<string> words =
        [
            .. s_setsid is null ? [] : new[] { s_setsid },
            .. s_setpriv is null ? [] : new[] { s_setpriv, "--pdeathsig", "KILL", "--" },
            program,
            .. arguments,
        ];
        return new ProcessStartInfo(words[0], words.Skip(1))
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }

    // BusyBox has both names, but knows no --pdeathsig.
    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") + ":/usr/bin:/bin")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(file => File.Exists(file)
            && File.ResolveLinkTarget(file, returnFinalTarget: true)?.Name.Contains("busybox", StringComparison.Ordinal) is not true);
}
