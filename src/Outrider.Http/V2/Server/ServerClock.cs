using Outrider.Http.Rules;
using Outrider.Http.V2.Connections;

namespace Outrider.Http.V2.Server;

/// <summary>
/// What a client's connection waits for, since when, and when it has to look next: one timer for all, for moving it later costs nothing, and streams need
/// no more than a look now and then. A part of its connection, never copied. Times are milliseconds of the loop's clock.
/// </summary>
internal struct ServerClock
{
    // How often open streams are looked at.
    private const int MaxBetweenLooks = 1000;
    private const int MinBetweenLooks = 20;

    private Keepalive _keepalive;
    private HeadWatch _head;
    private long _restsSince;
    private long _blockedSince;

    /// <summary>A connection begins, and rests.</summary>
    internal ServerClock(long now)
    {
        _keepalive = new Keepalive(now);
        _restsSince = _blockedSince = now;
    }

    /// <summary>Since when no request is under way; what it was before while one is.</summary>
    internal readonly long RestsSince => _restsSince;

    /// <summary>Anything has come.</summary>
    internal void OnHeard(long now) => _keepalive.OnHeard(now);

    /// <summary>The last request has ended.</summary>
    internal void OnRest(long now) => _restsSince = now;

    /// <summary>The client takes nothing, or takes something again.</summary>
    internal void OnWriting(long now) => _blockedSince = now;

    /// <summary>Something was read. True when a head begins with it, so that there is something to wait for.</summary>
    /// <param name="isWithinHead">More of a head is to come.</param>
    /// <param name="count">How many bytes it was.</param>
    /// <param name="now">Now.</param>
    /// <param name="limits">The least rate of heads.</param>
    internal bool OnRead(bool isWithinHead, int count, long now, HttpLimits limits)
    {
        if (isWithinHead)
        {
            return _head.Arrived(count, now, limits);
        }

        _head.Close();
        return false;
    }

    /// <summary>What is wrong with the pace of the head that is under way; null while nothing is.</summary>
    internal readonly ProtocolError? FindHeadError(long now, HttpLimits limits) => _head.FindError(now, limits);

    /// <summary>Has the client taken nothing for too long? Only of one that is blocked.</summary>
    internal readonly bool IsBlockedTooLong(long now, HttpLimits limits) => now - _blockedSince >= limits.SendTimeout;

    /// <summary>Has it not begun for too long?</summary>
    internal readonly bool BeginsTooLate(long now, HttpLimits limits) => now - _restsSince >= FirstFrames(limits);

    /// <summary>Has it rested for too long?</summary>
    internal readonly bool RestsTooLong(long now, HttpLimits limits) => limits.IdleTimeout > 0 && now - _restsSince >= limits.IdleTimeout;

    /// <summary>Is the client to be asked whether it is there, or given up?</summary>
    internal KeepaliveStep NextKeepalive(long now, Http2Limits http2) => _keepalive.Next(now, http2.KeepaliveInterval, http2.KeepaliveTimeout);

    /// <summary>Milliseconds until the next look; <see cref="long.MaxValue"/> for never.</summary>
    /// <param name="now">Now.</param>
    /// <param name="limits">What may take how long.</param>
    /// <param name="http2">When a silent client is asked whether it is there.</param>
    /// <param name="isBusy">Requests are under way, or output waits for the client.</param>
    /// <param name="hasBegun">The client's preface has come.</param>
    internal readonly long Delay(long now, HttpLimits limits, Http2Limits http2, bool isBusy, bool hasBegun)
    {
        long delay = long.MaxValue;
        if (isBusy || _head.IsOpen)
        {
            delay = Math.Clamp(Math.Min(Math.Min(limits.BodyTimeout, limits.SendTimeout), Math.Min(limits.HeaderTimeout, limits.MinRateGrace)) / 4, MinBetweenLooks, MaxBetweenLooks);
        }
        else if (!hasBegun)
        {
            delay = FirstFrames(limits);
        }
        else if (limits.IdleTimeout > 0)
        {
            delay = Math.Max(1, limits.IdleTimeout - (now - _restsSince));
        }

        return Math.Min(delay, _keepalive.Delay(now, http2.KeepaliveInterval, http2.KeepaliveTimeout));
    }

    private static int FirstFrames(HttpLimits limits) => limits.IdleTimeout > 0 ? limits.IdleTimeout : limits.HeaderTimeout;
}
