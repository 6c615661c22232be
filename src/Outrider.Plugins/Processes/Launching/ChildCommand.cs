using System.Diagnostics;

namespace Outrider.Plugins.Processes.Launching;

/// <summary>
/// How a child is started so that it ends with us, however we end: with SIGKILL from the kernel when we are gone
/// (PR_SET_PDEATHSIG, which util-linux's setpriv sets), and in a process group of its own (which a line of Perl makes), so that
/// all that it starts can be killed with it, and Ctrl-C in our terminal is ours to handle. Both become the child by <c>exec</c>:
/// nothing stays between us and it. Debian has both in every installation.
/// </summary>
/// <remarks>
/// Not a session of its own (setsid): Linux then schedules it as another group (sched_autogroup), and on a busy machine a call
/// takes several times as long.
/// </remarks>
internal static class ChildCommand
{
    // Arguments are passed on as they are, the program's path as well: no shell sees them.
    private const string OwnGroup = "setpgrp(0, 0); exec { $ARGV[0] } @ARGV or die \"$ARGV[0]: $!\\n\"";

    private static readonly string? s_perl = Find("perl");
    private static readonly string? s_setpriv = Find("setpriv");

    /// <summary>Does this system have what it takes to end children with us? Without it the watch in our SDK is what remains.</summary>
    internal static bool EndsWithParent => s_setpriv is not null;

    /// <summary>Has a child a process group of its own?</summary>
    internal static bool HasOwnGroup => s_perl is not null;

    /// <summary>The start of a program.</summary>
    internal static ProcessStartInfo For(string program, IEnumerable<string> arguments, string workingDirectory)
    {
        List<string> words =
        [
            .. s_perl is null ? [] : new[] { s_perl, "-e", OwnGroup, "--" },
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

    // BusyBox has a setpriv too, but it knows no --pdeathsig.
    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") + ":/usr/bin:/bin")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, program))
        .FirstOrDefault(file => File.Exists(file)
            && File.ResolveLinkTarget(file, returnFinalTarget: true)?.Name.Contains("busybox", StringComparison.Ordinal) is not true);
}
