using System.Diagnostics;

namespace Outrider.Net.Loops;

/// <summary>
/// The events that a loop serves in one turn: those that came together, and those that came while they were served. Each is served once;
/// those of connections at rest in a pool before others, because a request of the same turn may be about to take the connection.
/// </summary>
internal sealed class EventBatch(EpollPoller poller)
{
    // An event takes some 7 µs of a loop, so this is about 250 µs: shorter than the way to another machine and back, so that what lies in
    // a socket for longer was no answer to anything. Counted and not timed, as a call costs more than an event where the loop is traced.
    private const int EventsBetweenLooks = 32;

    // Most are transports: 168 bytes, which rarely begin at a line's begin.
    private const int HandleSize = 192;

    // 5 ms: for events that take much longer than that, where a filter is slow.
    private static readonly long s_lately = Stopwatch.Frequency / 200;

    private int _count;
    private int _served;
    private int _servedFirst;
    private int _turnEnd;

    /// <summary>Has the loop more to do than it can? The loop tells it, and asks it.</summary>
    internal TurnPressure Pressure;

    /// <summary>When the kernel was asked last (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    internal long LookedAt { get; private set; }

    /// <summary>Was that within the last 5 ms? While events take as long as they should, the last look is not older than 32 of them.</summary>
    internal bool HasLookedLately => Stopwatch.GetTimestamp() - LookedAt < s_lately;

    /// <summary>Is there an event that has not been served?</summary>
    internal bool HasMore => _served < _count;

    /// <summary>Have so many been served that the next look is due, while others wait?</summary>
    internal bool IsLookDue => (_served + 1) % EventsBetweenLooks == 0 && _served + 1 < _count;

    /// <summary>Have all been served that came together? What has come meanwhile has not waited for as long as they have.</summary>
    internal bool BeginsTurn()
    {
        if (_served < _turnEnd)
        {
            return false;
        }

        _turnEnd = _count;
        return true;
    }

    /// <summary>Begins a turn: waits up to so many milliseconds for events, −1 for ever.</summary>
    internal void Wait(int timeoutMilliseconds)
    {
        _count = poller.Wait(timeoutMilliseconds);
        _served = _servedFirst = 0;
        _turnEnd = _count;
        LookedAt = Stopwatch.GetTimestamp();
    }

    /// <summary>Asks what has come since, without waiting; false where the turn has no room for more.</summary>
    internal bool LookAgain() => LookAgain(mustKnow: false);

    private bool LookAgain(bool mustKnow)
    {
        int count = poller.LookAgain(_count, mustKnow);
        if (count < 0)
        {
            return false;
        }

        _count = count;
        LookedAt = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>As <see cref="LookAgain()"/>, within a call: whoever has an event notes it, and is served in its turn.</summary>
    internal bool LookAndShow()
    {
        int before = _count;
        if (!LookAgain(mustKnow: true))
        {
            return false;
        }

        for (int i = before; i < _count; i++)
        {
            poller.Take(i, out uint events)?.OnSeen(events);
        }

        return true;
    }

    /// <summary>The next event of those that are served before others; null when there is none.</summary>
    internal LoopHandle? TakeFirst(out uint events)
    {
        // One that is alone is the first anyway.
        while (_servedFirst < _count)
        {
            int index = _servedFirst++;
            if (_count > 1 && poller.MayServeFirst(index) && poller.Take(index, out events) is { IsServedFirst: true } handle)
            {
                poller.Drop(index);
                return handle;
            }
        }

        events = 0;
        return null;
    }

    /// <summary>The next event; null when its handle has gone in the meantime, or was served before its turn. There is one (<see cref="HasMore"/>).</summary>
    internal LoopHandle? Take(out uint events)
    {
        // The handle of the one after the next, and by then what the handle of the next refers to.
        if (_served + 2 < _count && poller.Whose(_served + 2) is { } later)
        {
            CacheHint.Soon(later, HandleSize);
        }

        if (_served + 1 < _count)
        {
            poller.Whose(_served + 1)?.HintSoon();
        }

        return poller.Take(_served++, out events);
    }
}
