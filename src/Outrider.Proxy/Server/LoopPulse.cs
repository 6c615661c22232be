using Outrider.Net.Loops;

namespace Outrider.Proxy.Server;

/// <summary>How long one call-back of a loop has been running, as seen by somebody who looks now and then. One thread looks.</summary>
/// <param name="loop">The loop.</param>
/// <param name="interval">How often it is looked at, in milliseconds.</param>
internal sealed class LoopPulse(EventLoop loop, int interval)
{
    private long _seen;
    private long _lookedAt;

    /// <summary>For how long at least the call-back at hand has been running, in milliseconds; 0 when it is another one, or none.</summary>
    internal long BlockedMilliseconds { get; private set; }

    /// <summary>Looks again.</summary>
    /// <param name="now"><see cref="Environment.TickCount64"/>.</param>
    internal void Look(long now)
    {
        long count = loop.CallbackCount;
        // Whoever stopped the whole process (SIGSTOP, a debugger, a suspended machine) stopped the loop too: that is not its fault.
        BlockedMilliseconds = loop.IsBusy && count == _seen ? BlockedMilliseconds + Math.Min(now - _lookedAt, 2 * interval) : 0;
        _seen = count;
        _lookedAt = now;
    }
}
