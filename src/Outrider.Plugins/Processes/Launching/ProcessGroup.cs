using System.Runtime.InteropServices;

namespace Outrider.Plugins.Processes.Launching;

/// <summary>Signals for a child and all that it has started.</summary>
internal static partial class ProcessGroup
{
    private const int Terminate = 15;
    private const int Kill = 9;

    /// <summary>Asks the child, and it alone, to end.</summary>
    internal static void TerminateLeader(int process) => _ = Send(process, Terminate);

    /// <summary>Ends the child and what it has started. For a child that has not been waited for yet, whose id is nobody else's.</summary>
    internal static void KillAll(int process)
    {
        KillRest(process);
        // It leads no group before its first program has run.
        _ = Send(process, Kill);
    }

    /// <summary>Ends what a child that has ended had started.</summary>
    internal static void KillRest(int process)
    {
        if (ChildCommand.HasOwnGroup)
        {
            _ = Send(-process, Kill);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);
}
