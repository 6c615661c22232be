using Outrider.Configuration.Model;
using Outrider.Net.Loops;
using Outrider.Net.Timers;
using Outrider.Upstream;

namespace Outrider.Proxy.Streams.Exchanges;

/// <summary>
/// The pause before another try: drawn from nothing up to a longest one that doubles with each try, so that tries of many requests do not come together. Whoever has waited
/// longer than that for an answer that did not come has paused enough: tries hold what their cluster may retry, and with a host that hangs there are many. On the loop.
/// </summary>
internal sealed class RetryDelay(EventLoop loop, Action over) : LoopTimer
{
    /// <summary>The pause begins.</summary>
    /// <param name="policy">How long.</param>
    /// <param name="tries">How many tries there were, 1 at least.</param>
    /// <param name="waited">Milliseconds that were waited already.</param>
    /// <param name="random">Draws.</param>
    /// <returns>False: there is none.</returns>
    internal bool Begin(RetryPolicyConfiguration policy, int tries, double waited, LoopRandom random)
    {
        double longest = Math.Min(policy.MaxBackOff.TotalMilliseconds, policy.BaseBackOff.TotalMilliseconds * (1 << Math.Min(tries - 1, 16)));
        double pause = random.Next((uint)longest + 1) - waited;
        if (pause < 1)
        {
            return false;
        }

        loop.Arm(this, (long)pause);
        return true;
    }

    /// <summary>Nobody waits for it any more.</summary>
    internal void End() => EventLoop.Disarm(this);

    protected override void OnTimer() => over();
}
