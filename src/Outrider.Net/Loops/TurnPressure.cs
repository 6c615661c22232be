using System.Diagnostics;

namespace Outrider.Net.Loops;

/// <summary>
/// Has a loop more to do than it can? It serves what has come together, then what has come meanwhile, and so on. That it has no rest for a while is no sign of too
/// much: a collection, or a call-back that takes its time. A loop that has had none for a second has a queue that stands, and what is served late among those that
/// came together has waited for about as long again before. A part of its loop.
/// </summary>
internal struct TurnPressure
{
    // As long as a queue may take to go away by itself.
    private const int StandingMilliseconds = 1000;

    // One call-back that takes long makes one turn without a rest, and the next one has what came meanwhile.
    private const int StandingTurns = 2;

    private int _maxDelay;
    private int _turns;
    private long _calmAt;
    private long _refusingUntil;
    private long _timestamp;

    /// <summary>Milliseconds that what has arrived may wait; 0: nobody asks. Any thread.</summary>
    internal int MaxDelay
    {
        readonly get => Volatile.Read(in _maxDelay);
        set => Volatile.Write(ref _maxDelay, value);
    }

    /// <summary>Events that came together are served from now on (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    internal void Begin(long timestamp)
    {
        _timestamp = timestamp;
        _turns++;
    }

    /// <summary>The loop had a rest, or took less than half of the delay for all that there was.</summary>
    /// <param name="now">Milliseconds of the loop's clock.</param>
    internal void OnCalm(long now)
    {
        _calmAt = now;
        _turns = 0;
    }

    /// <summary>Is a turn of so many milliseconds long, so that it is worth a look whether more waits already?</summary>
    internal readonly bool IsLong(long milliseconds) => MaxDelay is > 0 and var most && milliseconds > most / 2;

    /// <summary>Can anything be late at all? For who would have to read a clock to ask (<see cref="IsLate"/>).</summary>
    internal readonly bool MayBeLate => _turns >= StandingTurns || _refusingUntil > 0;

    /// <summary>Has what is served now waited for longer than it may, in a queue that stands?</summary>
    /// <param name="now">Milliseconds of the loop's clock, as of now.</param>
    /// <remarks>
    /// Refusing empties the queue, and that there is a rest then does not mean that there is time for all: so it stands for as long again after something was late.
    /// </remarks>
    internal bool IsLate(long now)
    {
        if (MaxDelay is not (> 0 and var most)
            || ((now - _calmAt < StandingMilliseconds || _turns < StandingTurns) && now >= _refusingUntil)
            || Stopwatch.GetElapsedTime(_timestamp).TotalMilliseconds <= most)
        {
            return false;
        }

        _refusingUntil = now + StandingMilliseconds + most;
        return true;
    }
}
