using Outrider.Http.Rules;

namespace Outrider.Http.V2.Server;

/// <summary>
/// How long a head takes: from the first bytes of its HEADERS frame, which may itself come in pieces, to the end of its last CONTINUATION. A part of its
/// connection, which reads one head at a time.
/// </summary>
internal struct HeadWatch
{
    private long _begunAt;
    private Pace _pace;

    /// <summary>Is a head under way?</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>Something was read, and a head is under way after it.</summary>
    /// <returns>Does the head begin with it?</returns>
    internal bool Arrived(int count, long now, HttpLimits limits)
    {
        if (IsOpen)
        {
            _pace.Arrived(count, now);
            return false;
        }

        IsOpen = true;
        _begunAt = now;
        _pace.Begin(now, limits.MinHeaderRate, limits.MinRateGrace);
        return true;
    }

    /// <summary>Nothing of a head is outstanding.</summary>
    internal void Close() => IsOpen = false;

    /// <summary>What is wrong with the head's pace; null while nothing is.</summary>
    internal readonly ProtocolError? FindError(long now, HttpLimits limits)
    {
        if (!IsOpen)
        {
            return null;
        }

        return now - _begunAt >= limits.HeaderTimeout ? ProtocolError.HeaderTimeout : _pace.IsBehind(now) ? ProtocolError.HeadTooSlow : null;
    }
}
