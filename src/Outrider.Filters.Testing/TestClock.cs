namespace Outrider.Filters.Testing;

/// <summary>
/// Time that stands still until a test lets it pass: what filters have as <see cref="StreamContext.Time"/>. Begins at 2030-01-01. Any thread.
/// Give it to whatever else of a filter wants a <see cref="TimeProvider"/>.
/// </summary>
public sealed class TestClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TestTimer> _timers = [];
    private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How many timers wait: a test can tell by it that a filter has come to its delay.</summary>
    public int TimerCount
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <summary>Lets time pass; timers that are due meanwhile run on this thread, in the order of their time, each at its own time. <see cref="FilterHost.AdvanceAsync"/> does it behind what filters have to do.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        var end = GetUtcNow() + time;
        while (TakeDue(end) is { } due)
        {
            due.Fire();
        }

        lock (_lock)
        {
            _now = end;
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new TestTimer(this, callback, state);
        _ = timer.Change(dueTime, period);
        return timer;
    }

    internal bool Set(TestTimer timer, TimeSpan dueTime, TimeSpan period)
    {
        bool isNow;
        lock (_lock)
        {
            _ = _timers.Remove(timer);
            if (timer.IsDisposed)
            {
                return false;
            }

            timer.Period = period;
            isNow = dueTime == TimeSpan.Zero && period <= TimeSpan.Zero;
            if (dueTime >= TimeSpan.Zero && !isNow)
            {
                timer.Due = _now + dueTime;
                _timers.Add(timer);
            }
        }

        if (isNow)
        {
            _ = ThreadPool.UnsafeQueueUserWorkItem(static due => due.Fire(), timer, preferLocal: false);
        }

        return true;
    }

    internal void Remove(TestTimer timer)
    {
        lock (_lock)
        {
            timer.IsDisposed = true;
            _ = _timers.Remove(timer);
        }
    }

    private TestTimer? TakeDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            var next = _timers.MinBy(timer => timer.Due);
            if (next is null || next.Due > end)
            {
                return null;
            }

            _now = next.Due > _now ? next.Due : _now;
            _ = _timers.Remove(next);
            if (next.Period > TimeSpan.Zero)
            {
                next.Due += next.Period;
                _timers.Add(next);
            }

            return next;
        }
    }
}
