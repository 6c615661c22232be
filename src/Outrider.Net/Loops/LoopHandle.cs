using Outrider.Net.Timers;

namespace Outrider.Net.Loops;

/// <summary>Something with a file descriptor that one loop waits on.</summary>
public abstract class LoopHandle : LoopTimer
{
    /// <summary>The descriptor, or −1 when there is none (any more).</summary>
    internal int Descriptor = -1;

    /// <summary>Tells it apart from an earlier owner of the same descriptor, whose events may still be in the batch at hand.</summary>
    internal uint Generation;

    /// <summary>
    /// Do its events come before those of others in a batch? For a connection at rest in a pool: what it has to tell (it is closed, or
    /// something came that nobody asked for) must be known before a request of the same batch takes it. Asked of those alone that
    /// were added to the loop's poller as such: the question costs a look at each handle of a batch.
    /// </summary>
    protected internal virtual bool IsServedFirst => false;

    /// <summary>Something happened to the descriptor; <paramref name="events"/> are epoll's.</summary>
    internal abstract void OnEvents(uint events);

    /// <summary>There are such events for it, whose turn is to come (<see cref="OnEvents"/>). It may note them, and call nobody.</summary>
    internal virtual void OnSeen(uint events)
    {
    }

    /// <summary>It will be served soon: what it refers to and needs then may be asked for (<see cref="CacheHint"/>). It calls nobody.</summary>
    internal virtual void HintSoon()
    {
    }

    /// <summary>What it has left to do when the event at hand is done; called once for each <see cref="EventLoop.Flush"/>.</summary>
    internal virtual void RunFlush()
    {
    }

    /// <summary>Its turn, once for each <see cref="EventLoop.ReadLater"/>.</summary>
    internal virtual void RunReady()
    {
    }

    /// <summary>A call into it threw. Default: it goes on.</summary>
    internal virtual void OnFailure()
    {
    }
}
