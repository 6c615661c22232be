using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Outrider.Envoy.Hosted;

/// <summary>
/// Mistakes that the processor reports (a null reference, a division by zero) stay exceptions beside a runtime of Go's in the same process. Go takes
/// SIGSEGV and SIGFPE over where it is loaded later, runs with all other signals blocked, and hands on what is not Go's to .NET's handlers. That of SIGSEGV does not return but
/// unwinds, and the thread stays closed to all others, so that the next of another kind ends the process; that of SIGFPE wants the thread's stack, and on Go's the process ends.
/// </summary>
internal static unsafe partial class FaultSignals
{
    private const int ArithmeticError = 8;

    private const int Last = 64;

    // bits/sigaction.h.
    private const int ToBlock = 0;
    private const int ToUnblock = 1;
    private const int OnStack = 0x0800_0000;

    private static Action s_arithmetic;

    // What is not of one thread, and that the host may keep from this one: SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGCHLD, SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU, SIGWINCH.
    private static ReadOnlySpan<int> OfTheProcess => [1, 2, 3, 10, 12, 13, 14, 15, 17, 18, 20, 21, 22, 28];

    /// <summary>.NET has just started, and its handlers are in force. Once.</summary>
    internal static void Watch()
    {
        fixed (Action* found = &s_arithmetic)
        {
            _ = sigaction(ArithmeticError, null, found);
        }

        AppDomain.CurrentDomain.FirstChanceException += OnException;
    }

    /// <summary>Gives .NET its handler back where another runtime has taken its place since. Go's own code looks at a divisor before it divides, and loses nothing. Any thread.</summary>
    internal static void Restore()
    {
        Action now;
        if (s_arithmetic.Handler is not (0 or 1) && sigaction(ArithmeticError, null, &now) == 0 && now.Handler != s_arithmetic.Handler && (now.Flags & OnStack) != 0)
        {
            fixed (Action* own = &s_arithmetic)
            {
                _ = sigaction(ArithmeticError, own, null);
            }
        }
    }

    private static void OnException(object? sender, FirstChanceExceptionEventArgs e)
    {
        // Those of which .NET learns by a signal; DivideByZeroException and OverflowException are arithmetic ones.
        if (e.Exception is NullReferenceException or ArithmeticException)
        {
            Reopen();
        }
    }

    private static void Reopen()
    {
        SignalSet signals;
        if (pthread_sigmask(ToBlock, null, &signals) == 0 && (signals.Low & Bit(ArithmeticError)) != 0)
        {
            for (int signal = 1; signal <= Last; signal++)
            {
                signals.Low |= Bit(signal);
            }

            foreach (int signal in OfTheProcess)
            {
                signals.Low &= ~Bit(signal);
            }

            _ = pthread_sigmask(ToUnblock, &signals, null);
        }
    }

    private static ulong Bit(int signal) => 1UL << (signal - 1);

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, Action* action, Action* old);

    // A tenth of a microsecond, and it never waits.
    [LibraryImport("libc")]
    [SuppressGCTransition]
    private static partial int pthread_sigmask(int how, SignalSet* signals, SignalSet* old);

    // sigset_t of glibc and musl: 1024 bits, of which Linux has 64.
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct SignalSet
    {
        internal ulong Low;
    }

    // struct sigaction of glibc and musl on machines of 64 bits.
    [StructLayout(LayoutKind.Sequential)]
    private struct Action
    {
        internal nint Handler;
        internal SignalSet Mask;
        internal int Flags;
        internal nint Restorer;
    }
}
