namespace Outrider.Http.V2.Connections;

/// <summary>
/// When a silent peer is asked whether it is there (PING), and when it is given up. A part of its connection, of either side, never copied. Times are
/// milliseconds of the loop's clock.
/// </summary>
/// <param name="now">When its silence begins to count.</param>
internal struct Keepalive(long now)
{
    private long _since = now;
    private bool _isAsked;

    /// <summary>Anything has come from the peer, or its silence counts from now on.</summary>
    internal void OnHeard(long now)
    {
        _since = now;
        _isAsked = false;
    }

    /// <summary>What is to be done now. <see cref="KeepaliveStep.Ask"/> is said once for each silence.</summary>
    /// <param name="now">Now.</param>
    /// <param name="interval">How long a silence may be before it is asked; 0 for ever.</param>
    /// <param name="timeout">What it has for its answer.</param>
    internal KeepaliveStep Next(long now, int interval, int timeout)
    {
        if (interval == 0 || now - _since < (_isAsked ? timeout : interval))
        {
            return KeepaliveStep.None;
        }

        if (_isAsked)
        {
            return KeepaliveStep.GiveUp;
        }

        _isAsked = true;
        _since = now;
        return KeepaliveStep.Ask;
    }

    /// <summary>Milliseconds until something may have to be done, 1 at least; <see cref="long.MaxValue"/> for never.</summary>
    internal readonly long Delay(long now, int interval, int timeout) => interval == 0 ? long.MaxValue : Math.Max(1, (_isAsked ? timeout : interval) - (now - _since));
}
