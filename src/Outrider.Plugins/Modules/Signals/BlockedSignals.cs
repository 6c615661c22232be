namespace Outrider.Plugins.Modules.Signals;

/// <summary>Signals that are kept from a thread until this is disposed, on that thread; those that it kept away before stay so.</summary>
internal readonly struct BlockedSignals : IDisposable
{
    private readonly SignalSet _signals;

    private BlockedSignals(SignalSet signals) => _signals = signals;

    internal static BlockedSignals Begin(SignalSet signals)
    {
        var before = SignalCalls.Blocked();
        signals.Remove(before);
        SignalCalls.Block(signals);
        return new BlockedSignals(signals);
    }

    public void Dispose() => SignalCalls.Unblock(_signals);
}
