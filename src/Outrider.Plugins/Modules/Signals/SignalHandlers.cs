namespace Outrider.Plugins.Modules.Signals;

/// <summary>
/// The process's signal handlers at a moment, so that what a library does to them can be taken back. Go's runtime puts every
/// handler that it finds on the alternate stack (<c>initsig</c> and <c>setsigstack</c> in its <c>runtime/signal_unix.go</c>), .NET's too: the one that suspends threads
/// for a collection then overflows the 16 KiB that .NET gives a thread for that (dotnet/runtime #127320), and the process dies.
/// </summary>
internal sealed class SignalHandlers
{
    // SIGFPE: what an integer division by zero is in .NET.
    private const int ArithmeticError = 8;

    // SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS: a thread brings them on itself, and a blocked one ends the process.
    private static ReadOnlySpan<int> Synchronous => [4, 5, 6, 7, 8, 11, 31];

    private readonly SignalAction[] _actions = new SignalAction[SignalCalls.Last + 1];

    /// <summary>As they are now.</summary>
    internal static SignalHandlers Read()
    {
        var handlers = new SignalHandlers();
        for (int signal = 1; signal <= SignalCalls.Last; signal++)
        {
            _ = SignalCalls.TryRead(signal, out handlers._actions[signal]);
        }

        return handlers;
    }

    /// <summary>The signals whose handlers run on whatever stack the thread is on, and that can be kept from a thread.</summary>
    internal SignalSet OnTheThreadsStack
    {
        get
        {
            var signals = default(SignalSet);
            for (int signal = 1; signal <= SignalCalls.Last; signal++)
            {
                if (_actions[signal] is { HasHandler: true, IsOnAlternateStack: false } && !Synchronous.Contains(signal))
                {
                    signals.Add(signal);
                }
            }

            return signals;
        }
    }

    /// <summary>Has another function taken the place of that signal's handler since?</summary>
    internal bool IsReplaced(int signal) => SignalCalls.TryRead(signal, out var now) && !now.HasHandlerOf(_actions[signal]);

    /// <summary>Takes those off the alternate stack that were put on it since, and are still the functions that they were. A handler that the library brought is its own.</summary>
    /// <returns>Their signals.</returns>
    internal SignalSet Restore()
    {
        var restored = default(SignalSet);
        for (int signal = 1; signal <= SignalCalls.Last; signal++)
        {
            ref readonly var before = ref _actions[signal];
            if (before is { HasHandler: true, IsOnAlternateStack: false }
                && SignalCalls.TryRead(signal, out var now) && now.IsOnAlternateStack && now.HasHandlerOf(before))
            {
                now.LeaveAlternateStack();
                SignalCalls.Write(signal, now);
                restored.Add(signal);
            }
        }

        if (!restored.IsEmpty)
        {
            RestoreArithmeticError();
        }

        return restored;
    }

    // Go brings a handler of its own for SIGFPE, on the alternate stack, and hands on what is not Go's: there .NET's handler, which
    // wants the thread's stack, ends the process at the first division by zero. Go's own code never divides without a look at the divisor, so it loses nothing.
    private void RestoreArithmeticError()
    {
        ref readonly var before = ref _actions[ArithmeticError];
        if (before is { HasHandler: true, IsOnAlternateStack: false }
            && SignalCalls.TryRead(ArithmeticError, out var now) && now.IsOnAlternateStack && !now.HasHandlerOf(before))
        {
            SignalCalls.Write(ArithmeticError, before);
        }
    }
}
