using Outrider.Http.Rules;

namespace Outrider.Http.V1.Server;

/// <summary>
/// How long a request may take to come: its head from its first byte on, however slowly the rest drips in, its body from piece to piece; and both no slower
/// than the listener's least rate. A field of the request's reader, never copied. Times are milliseconds of the loop's clock.
/// </summary>
internal struct RequestClock
{
    private Pace _pace;
    private long _headBegunAt;
    private bool _headHasBegun;

    /// <summary>A request is to come.</summary>
    internal void Begin() => _headHasBegun = false;

    /// <summary>A piece of the head has come, and not the last one.</summary>
    /// <returns>How long the next may take.</returns>
    internal long AwaitHead(int count, long now, HttpLimits limits)
    {
        if (_headHasBegun)
        {
            _pace.Arrived(count, now);
        }
        else
        {
            _headHasBegun = true;
            _headBegunAt = now;
            _pace.Begin(now, limits.MinHeaderRate, limits.MinRateGrace);
        }

        return HeadLeft(now, limits);
    }

    /// <summary>The head is waited for again after <see cref="Pause"/>.</summary>
    /// <returns>How long its next piece may take.</returns>
    internal long ResumeHead(long now, HttpLimits limits)
    {
        _pace.Resume(now);
        return HeadLeft(now, limits);
    }

    /// <summary>What is wrong with a head that was waited for for as long as it may take.</summary>
    internal readonly ProtocolError HeadError(long now, HttpLimits limits)
        => now - _headBegunAt < limits.HeaderTimeout && _pace.IsBehind(now) ? ProtocolError.HeadTooSlow : ProtocolError.HeaderTimeout;

    /// <summary>The head is complete, and a body follows.</summary>
    internal void BeginBody(long now, HttpLimits limits) => _pace.Begin(now, limits.MinBodyRate, limits.MinRateGrace);

    /// <summary>So many bytes of the body have come.</summary>
    internal void Arrived(int count, long now) => _pace.Arrived(count, now);

    /// <summary>The client is not waited for: its time does not run.</summary>
    internal void Pause(long now) => _pace.Pause(now);

    /// <summary>The body is waited for.</summary>
    /// <returns>How long its next piece may take.</returns>
    internal long AwaitBody(long now, HttpLimits limits)
    {
        _pace.Resume(now);
        return _pace.Left(now, limits.BodyTimeout);
    }

    /// <summary>What is wrong with a body that was waited for for as long as it may take.</summary>
    internal readonly ProtocolError BodyError(long now) => _pace.IsBehind(now) ? ProtocolError.BodyTooSlow : ProtocolError.BodyTimeout;

    private readonly long HeadLeft(long now, HttpLimits limits) => _pace.Left(now, Math.Max(1, _headBegunAt + limits.HeaderTimeout - now));
}
