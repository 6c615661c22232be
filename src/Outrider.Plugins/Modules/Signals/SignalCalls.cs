using System.Runtime.InteropServices;

namespace Outrider.Plugins.Modules.Signals;

/// <summary>The C library's calls for signals. Numbers of signals are those of Linux on x86-64 and arm64. Nothing is kept of a pointer.</summary>
internal static unsafe partial class SignalCalls
{
    /// <summary>SIGRTMAX: the kernel's last signal.</summary>
    internal const int Last = 64;

    /// <summary>What .NET stops threads with: SIGRTMIN of glibc and musl alike (the C library keeps the ones before for itself).</summary>
    internal const int Suspension = 34;

    // bits/sigaction.h: SIG_BLOCK and SIG_UNBLOCK.
    private const int ToBlock = 0;
    private const int ToUnblock = 1;

    /// <summary>What the process does at a signal; false: the C library does not tell (32 and 33 are its own).</summary>
    internal static bool TryRead(int signal, out SignalAction action)
    {
        action = default;
        fixed (SignalAction* found = &action)
        {
            return sigaction(signal, null, found) == 0;
        }
    }

    internal static void Write(int signal, SignalAction action) => _ = sigaction(signal, &action, null);

    /// <summary>Keeps signals from this thread. They wait, each of them as often as it was sent.</summary>
    internal static void Block(SignalSet signals) => _ = pthread_sigmask(ToBlock, &signals, null);

    /// <summary>Lets signals reach this thread again; those that waited come at once.</summary>
    internal static void Unblock(SignalSet signals) => _ = pthread_sigmask(ToUnblock, &signals, null);

    /// <summary>The signals that this thread keeps away.</summary>
    internal static SignalSet Blocked()
    {
        SignalSet blocked;
        _ = pthread_sigmask(ToBlock, null, &blocked);
        return blocked;
    }

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, SignalAction* action, SignalAction* old);

    // A tenth of a microsecond, and it never waits: the runtime need not know. What arrives at its end finds this thread in the
    // C library, where .NET's handler does nothing.
    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int pthread_sigmask(int how, SignalSet* signals, SignalSet* old);
}
