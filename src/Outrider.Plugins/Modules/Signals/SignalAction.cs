using System.Runtime.InteropServices;

namespace Outrider.Plugins.Modules.Signals;

/// <summary>What the process does at a signal: <c>struct sigaction</c> of glibc and musl on machines of 64 bits.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SignalAction
{
    // bits/sigaction.h and asm-generic/signal-defs.h.
    private const int OnStack = 0x0800_0000;

    private readonly nint _handler;
    private readonly SignalSet _mask;
    private int _flags;
    private readonly nint _restorer;

    /// <summary>Is there a function? 0 is SIG_DFL, 1 is SIG_IGN.</summary>
    internal readonly bool HasHandler => _handler is not (0 or 1);

    /// <summary>Does the function run on the thread's alternate stack, where there is one?</summary>
    internal readonly bool IsOnAlternateStack => (_flags & OnStack) != 0;

    internal readonly bool HasHandlerOf(in SignalAction other) => _handler == other._handler;

    internal void LeaveAlternateStack() => _flags &= ~OnStack;
}
