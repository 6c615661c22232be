using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace Outrider;

/// <summary>The signals that a server lives by, one after the other.</summary>
internal sealed class Signals : IDisposable
{
    private readonly Channel<PosixSignal> _received = Channel.CreateUnbounded<PosixSignal>();
    private readonly PosixSignalRegistration[] _registrations;

    internal Signals() => _registrations =
        [Register(PosixSignal.SIGTERM), Register(PosixSignal.SIGINT), Register(PosixSignal.SIGQUIT), Register(PosixSignal.SIGHUP)];

    /// <summary>The next signal.</summary>
    internal ValueTask<PosixSignal> NextAsync() => _received.Reader.ReadAsync();

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
        _ = _received.Writer.TryWrite(signal);
    });
}
