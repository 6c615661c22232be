namespace Outrider.Http.Rules;

/// <summary>
/// Does a peer send as fast as it has to? It has an allowance of time, at most the grace: waiting uses it up, and each byte gives some of it back. Who has
/// used it up has sent less than the least rate for as long as the grace; what was fast earlier does not pay for that. A field of a
/// message that is being read, never copied; on its loop.
/// </summary>
internal struct Pace
{
    private const long MicrosecondsPerSecond = 1_000_000;
    private const long MicrosecondsPerMillisecond = 1000;

    // When the allowance ends, in microseconds of the loop's clock; what is left of it while nothing is waited for.
    private long _allowance;
    private int _rate;
    private int _grace;
    private bool _isPaused;

    /// <summary>The first byte has come, or the first is waited for.</summary>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    /// <param name="rate">Bytes per second; 0: any pace will do.</param>
    /// <param name="grace">Milliseconds.</param>
    internal void Begin(long now, int rate, int grace)
    {
        (_rate, _grace, _isPaused) = (rate, grace, false);
        _allowance = (now + grace) * MicrosecondsPerMillisecond;
    }

    /// <summary>Any pace will do from here on.</summary>
    internal void End() => _rate = 0;

    /// <summary>So many bytes have come.</summary>
    internal void Arrived(int count, long now)
    {
        if (_rate > 0)
        {
            long most = (_isPaused ? _grace : now + _grace) * MicrosecondsPerMillisecond;
            _allowance = Math.Min(_allowance + (count * MicrosecondsPerSecond / _rate), most);
        }
    }

    /// <summary>The peer is not waited for: its time does not run.</summary>
    internal void Pause(long now)
    {
        if (!_isPaused)
        {
            _isPaused = true;
            _allowance -= now * MicrosecondsPerMillisecond;
        }
    }

    /// <summary>It is waited for again.</summary>
    internal void Resume(long now)
    {
        if (_isPaused)
        {
            _isPaused = false;
            _allowance += now * MicrosecondsPerMillisecond;
        }
    }

    /// <summary>Has it been too slow for too long?</summary>
    internal readonly bool IsBehind(long now) => _rate > 0 && !_isPaused && now * MicrosecondsPerMillisecond >= _allowance;

    /// <summary>Milliseconds until it is, should nothing come, 1 at least; or <paramref name="most"/>, where that is less.</summary>
    internal readonly long Left(long now, long most)
        => _rate == 0 || _isPaused ? most : Math.Min(most, Math.Max(1, ((_allowance + MicrosecondsPerMillisecond - 1) / MicrosecondsPerMillisecond) - now));
}
