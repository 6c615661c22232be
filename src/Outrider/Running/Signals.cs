using System.Runtime.InteropServices;
using System.Threading.Channels;
using Outrider.Plugins.Modules;

namespace Outrider.Running;

/// <summary>
/// The signals that a server lives by, one after the other. Made first of all, so that none that comes while it starts kills it or is
/// lost. The second of those that end the process ends it at once, whatever it is doing. They come by <see cref="MainThread"/>; .NET's
/// registrations are their handlers, and take what comes while that thread is not waiting. One in a process.
/// </summary>
internal sealed class Signals : IDisposable
{
    /// <summary>Reopens the log files. signal(7); the numbers are those of every Linux but Alpha, MIPS and SPARC, where .NET does not run.</summary>
    internal const PosixSignal Reopen = (PosixSignal)10;

    /// <summary>SIGUSR2, which nginx upgrades its program by: kept for that.</summary>
    internal const PosixSignal Upgrade = (PosixSignal)12;

    private static readonly int[] s_numbers = [1, 2, 3, (int)Reopen, (int)Upgrade, 15];

    private readonly Channel<PosixSignal> _received = Channel.CreateUnbounded<PosixSignal>();
    private readonly PosixSignalRegistration[] _registrations;
    private int _endings;

    internal Signals()
    {
        SignalTakeover.Take(s_numbers);
        _registrations = [.. s_numbers.Select(number => Register(Of(number)))];
        MainThread.Receive(s_numbers, number => OnSignal(Of(number)));
    }

    /// <summary>Called, on a thread of its own, before the second signal that ends ends the process; whoever sets it must not take long.</summary>
    internal Action<PosixSignal>? EndingAtOnce { get; set; }

    /// <summary>Does this signal end the process?</summary>
    internal static bool Ends(PosixSignal signal) => signal is PosixSignal.SIGTERM or PosixSignal.SIGINT or PosixSignal.SIGQUIT;

    /// <summary>The next signal.</summary>
    internal ValueTask<PosixSignal> NextAsync() => _received.Reader.ReadAsync();

    /// <summary>Waits until one comes that ends the process; what others do is nothing.</summary>
    internal async Task EndAsync()
    {
        while (!Ends(await NextAsync().ConfigureAwait(false)))
        {
        }
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private PosixSignalRegistration Register(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        // The runtime's own answer would be to end at once.
        context.Cancel = true;
        OnSignal(signal);
    });

    private void OnSignal(PosixSignal signal)
    {
        if (Ends(signal))
        {
            // A drain would wait for the loader, too. The handler is the system's by then, which a signal that is waited for does not reach.
            LibraryFilters.EndWhereLoaderIsHeld(128 + Number(signal));
        }

        if (Ends(signal) && Interlocked.Increment(ref _endings) > 1)
        {
            EndingAtOnce?.Invoke(signal);
            // What a shell says of a process that the signal has killed.
            Environment.Exit(128 + Number(signal));
        }

        _ = _received.Writer.TryWrite(signal);
    }

    private static int Number(PosixSignal signal) => signal switch { PosixSignal.SIGTERM => 15, PosixSignal.SIGINT => 2, _ => 3 };

    private static PosixSignal Of(int number) => number switch
    {
        1 => PosixSignal.SIGHUP,
        2 => PosixSignal.SIGINT,
        3 => PosixSignal.SIGQUIT,
        15 => PosixSignal.SIGTERM,
        _ => (PosixSignal)number,
    };
}
