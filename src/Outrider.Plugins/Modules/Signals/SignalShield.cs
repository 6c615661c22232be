using Outrider.Net.Loops;

namespace Outrider.Plugins.Modules.Signals;

/// <summary>
/// Keeps signals from a thread while it is inside a library that had changed their handlers (<see cref="SignalHandlers"/>). Such a
/// library runs on stacks of its own, of a few KiB (Go's begin with 4): a handler that is back on the thread's stack
/// would overflow them. A collection does not need the signal there: a thread in a library counts as
/// suspended, and waits when it comes back.
/// </summary>
/// <remarks>
/// In a callback the signals stay blocked: it is bounded work of ours, and a collection waits for its end (microseconds), where two system
/// calls for each callback would cost every request more. Threads that the library started are known by their first
/// callback; it blocks the signals for good, for whenever such a thread is not in a callback it is inside of the library.
/// What is left: Go's first call on a thread unblocks SIGRTMIN (<c>minitSignalMask</c>, with musl in mind), so for
/// the rest of that one call a signal that .NET had sent before it, and that is still on its way, hits a stack of Go's.
/// </remarks>
internal static class SignalShield
{
    private static readonly Lock s_gate = new();
    private static SignalSet s_signals;
    private static volatile bool s_isNeeded;
    private static volatile bool s_hasOtherRuntime;

    [ThreadStatic]
    private static int t_depth;

    [ThreadStatic]
    private static bool t_isOfLibrary;

    /// <summary>Has any library changed handlers?</summary>
    internal static bool IsNeeded => s_isNeeded;

    /// <summary>Has any library taken over the suspension signal (<see cref="AddRuntime"/>)?</summary>
    internal static bool HasOtherRuntime => s_hasOtherRuntime;

    /// <summary>From now on these are kept away as well.</summary>
    internal static void Add(SignalSet signals)
    {
        lock (s_gate)
        {
            // The suspension signal whatever was changed: it is the one that is sent to threads all the time.
            signals.Add(SignalCalls.Suspension);
            s_signals.Add(signals);
        }

        s_isNeeded = true;
        FaultedThread.Watch();
    }

    /// <summary>A library has taken over the suspension signal, so it is a second .NET, which must be able to suspend threads of its own: threads that come from outside are left as they are.</summary>
    internal static void AddRuntime() => s_hasOtherRuntime = true;

    /// <summary>This thread goes into such a library. Once for each <see cref="Leave"/>; may be nested.</summary>
    internal static void Enter()
    {
        if (t_depth++ == 0)
        {
            SignalCalls.Block(s_signals);
        }
    }

    /// <summary>It has come back.</summary>
    internal static void Leave()
    {
        if (--t_depth == 0)
        {
            SignalCalls.Unblock(s_signals);
        }
    }

    /// <summary>Lets every signal reach this thread but those that are kept from it here.</summary>
    internal static void Reopen()
    {
        var signals = SignalSet.All;
        if (t_depth > 0 || t_isOfLibrary)
        {
            signals.Remove(s_signals);
        }

        SignalCalls.Unblock(signals);
    }

    /// <summary>A callback begins, on any thread.</summary>
    internal static void EnterCallback()
    {
        if (t_depth == 0 && !t_isOfLibrary)
        {
            EnterCallbackFromOutside();
        }
    }

    private static void EnterCallbackFromOutside()
    {
        if (s_hasOtherRuntime || ModuleThread.Caller is not null || EventLoop.Current is not null || Thread.CurrentThread.IsThreadPoolThread)
        {
            return;
        }

        t_isOfLibrary = true;
        SignalCalls.Block(s_signals);
    }
}
