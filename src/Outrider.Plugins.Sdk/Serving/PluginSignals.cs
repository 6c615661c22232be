using System.Runtime.InteropServices;

namespace Outrider.Plugins.Sdk.Serving;

/// <summary>
/// What a plugin does at signals: SIGTERM ends it when its calls have ended, a second one at once. Those that reach every process of a
/// terminal or of a group, and are meant for the proxy, do nothing: their default is to end the process.
/// </summary>
internal sealed class PluginSignals : IDisposable
{
    // signal(7): SIGUSR1 and SIGUSR2, on every Linux that .NET runs on.
    private static readonly PosixSignal[] s_proxys = [PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP, (PosixSignal)10, (PosixSignal)12];

    private readonly Action _end;
    private readonly PosixSignalRegistration[] _registrations;
    private string? _socket;
    private int _endings;

    /// <param name="end">Called at the first SIGTERM, on a thread of its own.</param>
    internal PluginSignals(Action end)
    {
        _end = end;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate),
            .. s_proxys.Select(static signal => PosixSignalRegistration.Create(signal, static context => context.Cancel = true)),
        ];
    }

    /// <summary>The file to delete where the process ends at once.</summary>
    internal void Leaves(string? socket) => Volatile.Write(ref _socket, socket);

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void OnTerminate(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _endings) == 1)
        {
            _end();
            return;
        }

        if (Volatile.Read(ref _socket) is { } socket)
        {
            File.Delete(socket);
        }

        // What a shell says of a process that the signal has killed.
        Environment.Exit(128 + 15);
    }
}
