using Outrider.Http.Rules;

namespace Outrider.Http.V2.Server;

/// <summary>
/// When a stream's client last brought it forward, and how fast its request's body comes. A field of its stream, never copied. Times are milliseconds of the
/// loop's clock.
/// </summary>
internal struct StreamClock
{
    // What a client gets to end a stream that was answered in full, before it is told that nothing of the rest is wanted.
    private const int LingerMilliseconds = 1000;

    private Pace _pace;
    private long _movedAt;

    /// <summary>A stream begins, with a request that may come at any pace.</summary>
    internal void Begin(long now)
    {
        _pace.End();
        _movedAt = now;
    }

    /// <summary>A body follows that has to keep to the listener's least rate, from when the head came on.</summary>
    internal void BeginBody(HttpLimits limits) => _pace.Begin(_movedAt, limits.MinBodyRate, limits.MinRateGrace);

    /// <summary>The client brought it forward.</summary>
    internal void Moved(long now) => _movedAt = now;

    /// <summary>So many bytes of the body have come.</summary>
    internal void Arrived(int count, long now)
    {
        _movedAt = now;
        _pace.Arrived(count, now);
    }

    /// <summary>The client is not waited for: its time does not run.</summary>
    internal void Pause(long now) => _pace.Pause(now);

    /// <summary>It is waited for again.</summary>
    internal void Resume(long now)
    {
        _movedAt = now;
        _pace.Resume(now);
    }

    /// <summary>What has been waited for for too long.</summary>
    internal readonly Overdue Find(StreamWaits waits, long now, HttpLimits limits)
    {
        long silent = now - _movedAt;
        if ((waits & StreamWaits.Rest) != 0)
        {
            return silent >= LingerMilliseconds ? Overdue.Rest : Overdue.None;
        }

        if ((waits & StreamWaits.Tunnel) != 0)
        {
            return limits.IdleTimeout > 0 && silent >= limits.IdleTimeout ? Overdue.Tunnel : Overdue.None;
        }

        if ((waits & StreamWaits.Body) != 0 && _pace.IsBehind(now))
        {
            return Overdue.Rate;
        }

        if ((waits & StreamWaits.Output) != 0)
        {
            return silent >= limits.SendTimeout ? Overdue.Output : Overdue.None;
        }

        return (waits & StreamWaits.Body) != 0 && silent >= limits.BodyTimeout ? Overdue.Body : Overdue.None;
    }
}
