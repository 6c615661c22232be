namespace Outrider.Envoy.Streams;

/// <summary>
/// The lock that a stream's end passes one after the other with what comes to it from other threads. Nobody comes to most streams from there, and their
/// end need not take it: who comes says so first and looks for the end after that, the end is made known first and looks for who came after that, and
/// one of the two sees the other. The order of what is written and looked at is seen to by who comes, for both: nearly every end would pay for what nearly nobody needs.
/// </summary>
internal sealed class StreamGate
{
    private readonly Lock _lock = new();
    private bool _isUsed;

    /// <summary>Has anybody ever come by? For the stream's end, after what the others must see of it was written. Once true it stays so, over all streams of the same object.</summary>
    internal bool IsUsed => Volatile.Read(ref _isUsed);

    /// <summary>Takes the lock, until the scope is disposed. Any thread.</summary>
    internal Lock.Scope Enter()
    {
        if (!Volatile.Read(ref _isUsed))
        {
            Volatile.Write(ref _isUsed, true);
            // All threads of the process pass a barrier: the end then either has looked already, and what it wrote before is seen here, or it will see this.
            Interlocked.MemoryBarrierProcessWide();
        }

        return _lock.EnterScope();
    }

    /// <summary>The same on the thread that the stream's end comes on, or where the lock is held already.</summary>
    internal Lock.Scope EnterHere()
    {
        Volatile.Write(ref _isUsed, true);
        return _lock.EnterScope();
    }
}
