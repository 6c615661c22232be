namespace Outrider.Envoy.Streams;

/// <summary>
/// The lock that a stream's end passes one after the other with what comes to it from other threads. Nobody comes to most streams from there, and their
/// end need not take it: who comes says so first and looks for the end after that, the end is made known first and looks for who came after that, and
/// one of the two sees the other.
/// </summary>
internal sealed class StreamGate
{
    private readonly Lock _lock = new();
    private bool _isUsed;

    /// <summary>Has anybody ever come by? For the stream's end, after what the others must see of it was written. Once true it stays so, over all streams of the same object.</summary>
    internal bool IsUsed
    {
        get
        {
            Interlocked.MemoryBarrier();
            return Volatile.Read(ref _isUsed);
        }
    }

    /// <summary>Takes the lock, until the scope is disposed. Any thread.</summary>
    internal Lock.Scope Enter()
    {
        Volatile.Write(ref _isUsed, true);
        Interlocked.MemoryBarrier();
        return _lock.EnterScope();
    }
}
