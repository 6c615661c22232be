using System.Runtime.InteropServices;

namespace Outrider.Running;

/// <summary>
/// The process's first thread, which runs nothing of the program: it waits for signals. .NET makes a thread for each signal that ends a
/// process, needs two descriptors for that, and aborts where there are none; this thread is there and needs nothing.
/// </summary>
/// <remarks>
/// Linux gives a signal that is sent to a process to its first thread wherever that takes it (complete_signal in kernel/signal.c). It
/// takes them while it waits, and blocks them for no longer, as threads that it might make would inherit that. What comes in between goes
/// the way of .NET's registrations.
/// </remarks>
internal static unsafe partial class MainThread
{
    // signal(7); ignored by whoever does not wait for it, so one that comes too late does nothing.
    private const int Wake = 23;

    // asm-generic/signal-defs.h.
    private const int ToBlock = 0, ToSet = 2;

    // sigset_t of glibc and musl: 1024 bits, of which Linux uses 64; signal 1 is the lowest.
    private const int MaskWords = 16;

    private static readonly object s_gate = new();
    private static ulong s_signals = Bit(Wake);
    private static Action<int>? s_receiver;
    private static nint s_thread;

    /// <summary>Waits for the program, which runs on other threads, and serves its signals meanwhile. On the process's first thread, once.</summary>
    /// <returns>What the program returned, or what it threw.</returns>
    internal static int Await(Task<int> program)
    {
        s_thread = Self();
        _ = program.ContinueWith(static _ => Interrupt(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        lock (s_gate)
        {
            while (s_receiver is null && !program.IsCompleted)
            {
                _ = Monitor.Wait(s_gate);
            }
        }

        while (!program.IsCompleted)
        {
            if (Next(program) is var signal and > 0 and not Wake)
            {
                s_receiver!(signal);
            }
        }

        return program.GetAwaiter().GetResult();
    }

    /// <summary>
    /// From now on until the process ends, signals go to <paramref name="receiver"/>, on the first thread. It must not block for long. Whoever
    /// calls this has handlers for them, too: one may come at a moment when this thread does not wait. Once in a process.
    /// </summary>
    internal static void Receive(ReadOnlySpan<int> signals, Action<int> receiver)
    {
        lock (s_gate)
        {
            foreach (int signal in signals)
            {
                s_signals |= Bit(signal);
            }

            s_receiver = receiver;
            Monitor.PulseAll(s_gate);
        }
    }

    private static void Interrupt()
    {
        lock (s_gate)
        {
            Monitor.PulseAll(s_gate);
        }

        _ = Kill(s_thread, Wake);
    }

    // The next signal; 0 or less where another one's handler has interrupted the wait.
    private static int Next(Task program)
    {
        ulong* wanted = stackalloc ulong[MaskWords], before = stackalloc ulong[MaskWords];
        new Span<ulong>(wanted, MaskWords).Clear();
        wanted[0] = s_signals;
        _ = SetMask(ToBlock, wanted, before);
        // Looked at after they are blocked: a wake-up from here on stays pending.
        int signal = program.IsCompleted ? 0 : Wait(wanted, null, null);
        _ = SetMask(ToSet, before, null);
        return signal;
    }

    private static ulong Bit(int signal) => 1UL << (signal - 1);

    [LibraryImport("libc", EntryPoint = "pthread_self")]
    private static partial nint Self();

    [LibraryImport("libc", EntryPoint = "pthread_kill")]
    private static partial int Kill(nint thread, int signal);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SetMask(int how, ulong* mask, ulong* before);

    [LibraryImport("libc", EntryPoint = "sigtimedwait")]
    private static partial int Wait(ulong* mask, void* information, void* timeout);
}
